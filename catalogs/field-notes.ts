/**
 * Units, descriptions and UCDs of columns, which Parquet itself has no place for. Two conventions are read:
 * field metadata of the Arrow schema that Arrow's writers embed (`unit`, `description`, `ucd`), and the
 * VOTable of VOParquet (`IVOA.VOTable-Parquet.content`).
 */
import type { Column } from './types.ts';

interface Notes {
  unit?: string;
  description?: string;
  ucd?: string;
}

/** Key under which Arrow's writers keep their schema, as base64 of an IPC message. */
const ARROW_KEY = 'ARROW:schema';
const VOTABLE_KEY = 'IVOA.VOTable-Parquet.content';

/** The columns with the notes that the key-value metadata of a Parquet footer has for them. */
export async function withFieldNotes(
  columns: readonly Column[],
  keyValue: Readonly<Record<string, string>>,
): Promise<readonly Column[]> {
  const notes = new Map<string, Notes>();
  const xml = keyValue[VOTABLE_KEY];
  if (xml !== undefined) readVotable(xml, notes);
  const arrow = keyValue[ARROW_KEY];
  if (arrow !== undefined) await readArrowSchema(arrow, notes);
  if (notes.size === 0) return columns;
  return columns.map((column) => ({ ...column, ...notes.get(column.name) }));
}

/** Metadata keys in use → the note they give. */
const ARROW_NOTES: Readonly<Record<string, keyof Notes>> = {
  unit: 'unit',
  units: 'unit',
  description: 'description',
  ucd: 'ucd',
};

async function readArrowSchema(base64: string, notes: Map<string, Notes>): Promise<void> {
  const bytes = Buffer.from(base64, 'base64');
  // Most schemas have no notes; a glance at the bytes spares loading the Arrow library for them.
  if (!/unit|description|ucd/i.test(bytes.toString('latin1'))) return;
  const { RecordBatchReader } = await import('apache-arrow');
  let fields: { name: string; metadata: Map<string, string> }[];
  try {
    fields = RecordBatchReader.from(bytes).open().schema.fields;
  } catch {
    // A type this Arrow version does not know: the columns come from Parquet, only their notes are lost.
    return;
  }
  for (const field of fields) {
    const found: Notes = {};
    for (const [key, value] of field.metadata) {
      const note = ARROW_NOTES[key.toLowerCase()];
      if (note !== undefined && value !== '') found[note] = value;
    }
    if (Object.keys(found).length > 0)
      notes.set(field.name, { ...notes.get(field.name), ...found });
  }
}

/** FIELD elements (and GROUPs, which stand for nested columns) of a VOTable. */
function readVotable(xml: string, notes: Map<string, Notes>): void {
  const elements = /<(FIELD|GROUP)\b([^>]*?)(?:\/>|>(.*?)<\/\1>)/gs;
  for (const [, , attributeText, body] of xml.matchAll(elements)) {
    const attributes = attributesOf(attributeText!);
    const name = attributes.name;
    if (name === undefined) continue;
    const description = /<DESCRIPTION>(.*?)<\/DESCRIPTION>/s.exec(body ?? '')?.[1];
    const text = description === undefined ? '' : plainText(description).trim();
    notes.set(name, {
      ...(attributes.unit ? { unit: attributes.unit } : {}),
      ...(attributes.ucd ? { ucd: attributes.ucd } : {}),
      ...(text === '' ? {} : { description: text.replace(/\s+/g, ' ') }),
    });
  }
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, double, single] of text.matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes[name!] = plainText(double ?? single!);
  }
  return attributes;
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
};

/** XML text with its entities and character numbers resolved. */
function plainText(xml: string): string {
  return xml.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
