/** `crosshatch info`: what the metadata say of a catalog. Reads no rows and needs no database. */
import type { Command } from 'commander';
import type { CatalogDescription } from '../../catalogs/describe.ts';
import type { RegisteredCatalog } from '../../catalogs/reference.ts';
import type { CatalogInfo } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import type { PartitionValue } from '../../pictures/partitions.ts';
import { addDebugFlag } from '../flags.ts';
import { bytesText, countOf, countText, percentText } from '../format.ts';
import { addRemoteFlags, applyRemoteFlags, type RemoteFlags } from '../remote.ts';
import { mapPath } from '../sink.ts';

interface Flags extends RemoteFlags {
  readonly json?: boolean;
  readonly pathTemplate?: string;
  readonly plot?: string;
  readonly plotBy?: string;
  readonly overwrite?: boolean;
}

export function defineInfo(command: Command): void {
  command
    .argument('<catalog>', 'folder, URL or name of a HATS catalog or collection')
    .option('--path-template <path>', 'leaf files as {order}, {dir}, {pixel}')
    .option('--plot <file>', 'draw the partitions on the sky to a .png or .svg file')
    .option('--plot-by <what>', 'colours stand for their order or rows (default: order)')
    .option('--overwrite', 'replace the picture if it exists')
    .option('--json', 'print one JSON object instead of text');
  addDebugFlag(addRemoteFlags(command));
  command.addHelpText(
    'after',
    `
Examples (crosshatch demo makes this catalog):
  crosshatch info demo-output/gaia
  crosshatch info demo-output/gaia --plot gaia.png
`,
  );
  command.action(info);
}

async function info(path: string, flags: Flags): Promise<void> {
  const { json, pathTemplate, plot, plotBy } = flags;
  if (plot === undefined) {
    if (plotBy !== undefined) throw requestError('--plot-by needs --plot');
    if (flags.overwrite === true) throw requestError('--overwrite needs --plot');
  }
  await applyRemoteFlags(flags);
  const { openCatalogInfo } = await import('../../catalogs/open.ts');
  const { describeCatalog } = await import('../../catalogs/describe.ts');
  const known = await registryEntry(path);
  const catalog = await openCatalogInfo(path, { pathTemplate }).catch((error: unknown) => {
    // What is known without asking anybody helps while nobody answers.
    if (known !== undefined && json !== true) process.stdout.write(`${registryText(known)}\n`);
    throw error;
  });
  const drawn = plot === undefined ? [] : [`drew ${await drawCatalog(catalog, plot, flags)}`];
  const description = describeCatalog(catalog);
  const lines =
    json === true
      ? [JSON.stringify(known === undefined ? description : { ...description, registry: known })]
      : [
          ...(known === undefined ? [] : [registryText(known)]),
          ...infoLines(description),
          ...drawn,
        ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What ships with the package about a catalog that is asked for by name. */
async function registryEntry(name: string): Promise<RegisteredCatalog | undefined> {
  const { registeredCatalogs } = await import('../../catalogs/reference.ts');
  return registeredCatalogs().find((catalog) => catalog.name === name);
}

function registryText(known: RegisteredCatalog): string {
  const { title, rows, bytes, columns, margins, citation, source, locations } = known;
  const facts: [string, string][] = [
    ...locations.map(({ url, note }): [string, string] => [
      'at',
      note === undefined ? url : `${url} (${note})`,
    ]),
    ['holds', `${countText(rows)} rows, ${bytesText(bytes)}`],
    ['of interest', columns.join(', ')],
    ['margins', margins],
    ['cite', citation],
    ['read in', `${source.document} (${source.date})`],
  ];
  const lines = facts.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`);
  return [`${title}, as the registry of this package has it`, ...lines].join('\n');
}

/** Draws the partitions; gives the absolute path of the picture. */
async function drawCatalog(catalog: CatalogInfo, plot: string, flags: Flags): Promise<string> {
  const { drawPartitions } = await import('../../pictures/plot-partitions.ts');
  const file = await mapPath(plot, [catalog.collectionPath ?? catalog.path], flags);
  // Another word than these is refused there.
  await drawPartitions(catalog, file, { by: flags.plotBy as PartitionValue | undefined });
  return file;
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
