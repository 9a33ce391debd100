/** `crosshatch demo`: the whole of it in half a minute, on catalogs whose true pairs are known. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeFolder } from '../../catalogs/make-folder.ts';
import type { Catalog, GenerateSpec } from '../../index.ts';
import { requestError } from '../../partitioning/error.ts';
import { addRunFlags, type RunFlags } from '../flags.ts';
import { bytesText, countOf, countText, percentText, secondsText } from '../format.ts';
import { type Finished, type Run, runCommand } from '../run.ts';
import { elapsedSeconds } from '../summary.ts';
import { refuseRemote } from '../target.ts';

const DEFAULT_DIR = './demo-output';
/** Tells a folder that a demo made from any other: only such a one is written over. */
const MARK = '.crosshatch-demo';
/** The plane of the Milky Way in Aquila, where stars crowd and the density changes from field to field. */
const CONE = { ra: 285, dec: 5, radiusArcsec: 5 * 3600 };
const RADIUS_ARCSEC = 1;
const MAP_ORDER = 8;
/** Width of its picture: the cone and a little around it. */
const MAP_DEGREES = 11;

const GAIA: GenerateSpec = {
  kind: 'gaia',
  rows: 600_000,
  seed: 1,
  cone: CONE,
  rowsPerPartition: 100_000,
};
const ZTF: GenerateSpec = { ...GAIA, kind: 'ztf', rows: 400_000, counterpartOf: GAIA };

export function defineDemo(command: Command): void {
  command.argument('[dir]', 'folder to write; an earlier demo there is replaced', DEFAULT_DIR);
  addRunFlags(command);
  command.addHelpText(
    'after',
    `
Example:
  crosshatch demo
`,
  );
  command.action((dir: string, flags: RunFlags) => runCommand(flags, (run) => demo(dir, run)));
}

async function demo(dir: string, run: Run): Promise<Finished> {
  refuseRemote(dir);
  await takeFolder(dir);
  await makeCatalogs(dir, run);
  const { rows, matches, output } = await match(dir, run);
  await compareWithTruth(dir, matches, rows, run);
  const map = await writeMap(dir, matches, run);
  const lines = [map, `Done in ${secondsText(elapsedSeconds())}. Try next:`, ...nextLines(dir)];
  return { outcome: { rows, output }, lines };
}

async function takeFolder(dir: string): Promise<void> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw requestError(`the demo cannot use this folder: ${error.message}`, undefined, dir);
  });
  if (names.length > 0 && !names.includes(MARK)) {
    throw requestError(
      'the folder has files that are not from a demo',
      'Give an empty or a new folder: crosshatch demo DIR.',
      dir,
    );
  }
  try {
    await makeFolder(dir);
    await writeFile(join(dir, MARK), 'Made by crosshatch demo, which may replace it.\n');
  } catch (error) {
    throw requestError(`the folder cannot be made: ${(error as Error).message}`, undefined, dir);
  }
}

async function makeCatalogs(dir: string, run: Run): Promise<void> {
  const { generateCatalog } = await import('../../index.ts');
  run.say('Making two catalogs of the sky around RA 285°, Dec 5°, as dense as Gaia sees it:');
  for (const spec of [GAIA, ZTF]) {
    const time = stopwatch();
    const options = { ...run.settings, marginArcsec: 10, overwrite: true };
    const made = await generateCatalog(join(dir, spec.kind), spec, options);
    const parts = `${countOf(made.partitions, 'partition')}, ${bytesText(made.bytes)}`;
    run.say(`  ${made.output}: ${countOf(made.rows, 'row')} (${parts}) in ${time()}`);
    run.checkInterrupt();
  }
}

async function match(
  dir: string,
  run: Run,
): Promise<{ rows: number; matches: Catalog; output: string }> {
  const { openCatalog } = await import('../../index.ts');
  const gaia = await openCatalog(join(dir, 'gaia'));
  const ztf = await openCatalog(join(dir, 'ztf'));
  const pairs = gaia.crossmatch(ztf, { radiusArcsec: RADIUS_ARCSEC });
  run.say(`Matching them within ${RADIUS_ARCSEC}″:`);
  const countTime = stopwatch();
  const rows = await pairs.count(run.settings);
  run.say(`  counted ${countOf(rows, 'pair')} in ${countTime()}`);
  const writeTime = stopwatch();
  const options = { ...run.settings, overwrite: true };
  const { output, bytes } = await pairs.writeHats(join(dir, 'matches'), options);
  const columns = countOf(pairs.columns.length, 'column');
  run.say(`  wrote them with ${columns} to ${output} (${bytesText(bytes)}) in ${writeTime()}`);
  return { rows, matches: await openCatalog(output), output };
}

/** The generator keeps in `true_id` which star a row is of; -1 where it is of none in the other catalog. */
async function compareWithTruth(
  dir: string,
  matches: Catalog,
  rows: number,
  run: Run,
): Promise<void> {
  const { openCatalog } = await import('../../index.ts');
  const ztf = await openCatalog(join(dir, 'ztf'));
  const known = await ztf.query('true_id >= 0').count(run.settings);
  const right = await matches.query('true_id_gaia == true_id_ztf').count(run.settings);
  const wrong = rows - right;
  run.say('Comparing with the truth, which the generator knows:');
  run.say(
    `  found ${countText(right)} of ${countText(known)} true pairs (${percentText(right / known)})`,
  );
  run.say(
    `  ${countText(wrong)} of the pairs (${percentText(wrong / rows)}) are chance neighbours`,
  );
}

async function writeMap(dir: string, matches: Catalog, run: Run): Promise<string> {
  const map = await matches.skymap({ ...run.settings, order: MAP_ORDER });
  const file = join(dir, 'map.fits');
  await map.writeFits(file);
  const picture = join(dir, 'map.png');
  await map.gnomview(picture, {
    center: [CONE.ra, CONE.dec],
    sizeDegrees: MAP_DEGREES,
    scale: 'log',
    title: 'Pairs of the two catalogs of the demo',
  });
  return `Wrote the sky map of the pairs to ${file} (order ${MAP_ORDER}, for healpy and others), and drew ${picture}.`;
}

/** What to type in place of `crosshatch`, which is no command of the shell in a checkout. */
function programText(): string {
  switch (process.env['npm_lifecycle_event']) {
    case 'demo':
    case 'crosshatch':
      return 'npm run crosshatch --';
    case 'npx':
      return 'npx crosshatch';
    default:
      return 'crosshatch';
  }
}

function nextLines(dir: string): string[] {
  const program = programText();
  const [gaia, ztf, matches] = ['gaia', 'ztf', 'matches'].map((name) => join(dir, name));
  return [
    `  ${program} info ${matches}`,
    `  ${program} query ${matches} --where '_dist_arcsec < 0.05' --columns source_id_gaia,oid_ztf,_dist_arcsec`,
    `  ${program} crossmatch ${gaia} ${ztf} --radius 5 --neighbors all`,
  ];
}

function stopwatch(): () => string {
  const start = performance.now();
  return () => secondsText((performance.now() - start) / 1000);
}
