/** `crosshatch info`: what the metadata say of a catalog. Reads no rows and needs no database. */
import type { Command } from 'commander';
import type { CatalogDescription } from '../../catalogs/describe.ts';
import { addDebugFlag } from '../flags.ts';
import { bytesText, countOf, countText, percentText } from '../format.ts';
import { addRemoteFlags, applyRemoteFlags, type RemoteFlags } from '../remote.ts';

interface Flags extends RemoteFlags {
  readonly json?: boolean;
  readonly pathTemplate?: string;
}

export function defineInfo(command: Command): void {
  command
    .argument('<catalog>', 'folder, URL or name of a HATS catalog or collection')
    .option('--path-template <path>', 'leaf files as {order}, {dir}, {pixel}')
    .option('--json', 'print one JSON object instead of text');
  addDebugFlag(addRemoteFlags(command));
  command.addHelpText(
    'after',
    `
Example (crosshatch demo makes this catalog):
  crosshatch info demo-output/gaia
`,
  );
  command.action(info);
}

async function info(path: string, { json, pathTemplate, ...remote }: Flags): Promise<void> {
  await applyRemoteFlags(remote);
  const { openCatalogInfo } = await import('../../catalogs/open.ts');
  const { describeCatalog } = await import('../../catalogs/describe.ts');
  const description = describeCatalog(await openCatalogInfo(path, { pathTemplate }));
  const { registeredCatalogs } = await import('../../catalogs/reference.ts');
  const known = registeredCatalogs().find(({ name }) => name === path);
  if (known !== undefined && json !== true) {
    const { title, citation, source } = known;
    process.stdout.write(
      `${title}\n  cite ${citation}\n  places from ${source.document} (${source.date})\n`,
    );
  }
  const text = json === true ? JSON.stringify(description) : infoLines(description).join('\n');
  process.stdout.write(`${text}\n`);
}

const LABEL_WIDTH = 14;

export function infoLines(description: CatalogDescription): string[] {
  const { name, type, columns, defaultColumns } = description;
  const facts = factsOf(description).map(
    ([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`,
  );
  const defaults = new Set(defaultColumns ?? []);
  const starred = defaultColumns === undefined ? '' : '; * read by default';
  const rows = columns.map((column) => [
    `${column.name}${defaults.has(column.name) ? ' *' : ''}`,
    column.type,
    column.unit ?? '',
    column.description ?? '',
  ]);
  return [
    `${name}: ${type} catalog`,
    ...facts,
    `${countOf(columns.length, 'column')}${starred}`,
  ].concat(alignedLines(rows));
}

function factsOf(description: CatalogDescription): [label: string, text: string][] {
  const { rows, rowsExact, partitions, files, bytes, orders, skyFraction } = description;
  const facts: [string, string][] = [['path', description.path]];
  const { place } = description;
  if (place !== undefined) {
    facts.push(['place', `${place.url} (${place.why})`]);
    for (const other of place.others) facts.push(['or else', other]);
  }
  if (description.collection !== undefined) facts.push(['collection', description.collection]);
  facts.push(
    ['rows', `${rowsExact ? '' : 'about '}${countText(rows)}`],
    ['partitions', `${countText(partitions)} (${countOf(files, 'file')}, ${bytesText(bytes)})`],
    ['orders', orders.map((at) => `${at.order} (${countText(at.partitions)})`).join(', ')],
    ['sky', percentText(skyFraction)],
  );
  const { raColumn, decColumn, healpix, frame, epoch, marginThresholdArcsec } = description;
  if (raColumn !== undefined && decColumn !== undefined) {
    const notes = [frame, epoch === undefined ? undefined : `epoch ${epoch}`];
    const known = notes.filter((note) => note !== undefined);
    const note = known.length === 0 ? '' : ` (${known.join(', ')})`;
    facts.push(['position', `${raColumn}, ${decColumn}${note}`]);
  }
  if (healpix !== undefined)
    facts.push(['index column', `${healpix.name}, order ${healpix.order}`]);
  if (marginThresholdArcsec !== undefined) facts.push(['threshold', `${marginThresholdArcsec}″`]);
  for (const margin of description.margins) {
    const width = margin.thresholdArcsec === undefined ? '' : `, ${margin.thresholdArcsec}″`;
    facts.push(['margin', `${margin.name}${width}${margin.inUse ? ', in use' : ''}`]);
  }
  for (const [column, place] of Object.entries(description.indexes)) {
    facts.push(['index', `${column}: ${place}`]);
  }
  return facts.filter(([, text]) => text !== '');
}

/** Wider types, such as structs of lists, push their own line only. */
const MAX_TYPE_WIDTH = 24;

function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number, most: number) =>
    rows.reduce((width, row) => Math.max(width, Math.min(most, row[column]!.length)), 0);
  const [name, type, unit] = [widthOf(0, 40), widthOf(1, MAX_TYPE_WIDTH), widthOf(2, 16)];
  return rows.map(([first, second, third, fourth]) =>
    `  ${first!.padEnd(name)}  ${second!.padEnd(type)}  ${third!.padEnd(unit)}  ${fourth!}`.trimEnd(),
  );
}
