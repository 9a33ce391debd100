/** `crosshatch generate`: seeded catalogs on the real density of the sky. */
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { checkTarget, resolveTarget } from '../../catalogs/output-target.ts';
import { checkSpec } from '../../engine/generate/spec.ts';
import type { GenerateSpec, WriteResult } from '../../index.ts';
import { requestError } from '../../partitioning/error.ts';
import { addCatalogFlags, addRunFlags, type OutputFlags, type RunFlags } from '../flags.ts';
import { bytesText, countOf, secondsText } from '../format.ts';
import { type ConeValue, parseCone, parseMargin, parseNumber } from '../parse.ts';
import { type Finished, type Run, runCommand } from '../run.ts';
import { generatorOptions } from '../sink.ts';
import { elapsedSeconds } from '../summary.ts';
import { refuseRemote } from '../target.ts';

interface SpecFlags {
  readonly rows: number;
  readonly rightRows?: number;
  readonly seed: number;
  readonly kind: 'gaia' | 'ztf' | 'pair';
  readonly cone?: ConeValue;
}

type Flags = SpecFlags &
  Pick<OutputFlags, 'rowsPerPartition' | 'compression' | 'margin' | 'name' | 'overwrite'> &
  RunFlags;

const DEFAULT_ROWS_PER_PARTITION = 1_000_000;

export function defineGenerate(command: Command): void {
  command
    .argument('<dir>', 'folder to write; a pair becomes gaia and ztf in it')
    .requiredOption('--rows <n>', 'number of rows, such as 1e6', parseNumber)
    .option('--right-rows <n>', 'rows of ztf in a pair (default: as --rows)', parseNumber)
    .option('--seed <n>', 'the same seed gives the same rows', parseNumber, 1)
    .addOption(
      new Option('--kind <kind>', 'stars, a repeated survey, or one of each over the same stars')
        .choices(['gaia', 'ztf', 'pair'])
        .default('pair'),
    )
    .option('--cone <ra,dec,arcsec>', 'only this part of the sky (default: all of it)', parseCone)
    .option('--margin <arcsec>', "margin catalog to write with it, or 'none'", parseMargin, 10)
    .option('--overwrite', 'replace the catalogs if they exist');
  addCatalogFlags(command);
  addRunFlags(command);
  command.addHelpText(
    'after',
    `
Example:
  crosshatch generate sky --rows 1e5
`,
  );
  command.action((dir: string, flags: Flags) =>
    runCommand(flags, (run) => generate(dir, flags, run)),
  );
}

async function generate(dir: string, flags: Flags, run: Run): Promise<Finished> {
  refuseRemote(dir);
  if (flags.kind !== 'pair') {
    if (flags.rightRows !== undefined) throw requestError('--right-rows needs --kind pair');
    const written = await writeGenerated(dir, specOf(flags, flags.kind), flags, run);
    const { rows, stats, output } = written;
    return { outcome: { rows, stats, output }, lines: [lineOf(written)] };
  }
  if (flags.name !== undefined)
    throw requestError('the catalogs of a pair are called gaia and ztf');
  const specs = pairSpecs(flags);
  // Checks the other one too, before the first is made.
  checkSpec(specs.ztf);
  const [gaiaDir, ztfDir] = [join(dir, 'gaia'), join(dir, 'ztf')];
  await makePairFolder(dir);
  await checkTarget(await resolveTarget(ztfDir), 'folder', flags.overwrite === true);
  const gaia = await writeGenerated(gaiaDir, specs.gaia, flags, run);
  run.checkInterrupt();
  const ztf = await writeGenerated(ztfDir, specs.ztf, flags, run);
  return {
    outcome: { rows: gaia.rows + ztf.rows, output: resolve(dir) },
    lines: [lineOf(gaia), lineOf(ztf), `done in ${secondsText(elapsedSeconds())}`],
  };
}

async function writeGenerated(
  dir: string,
  spec: GenerateSpec,
  flags: Flags,
  run: Run,
): Promise<WriteResult> {
  const { generateCatalog } = await import('../../index.ts');
  return generateCatalog(dir, spec, generatorOptions(flags, run));
}

function specOf(flags: Omit<SpecFlags, 'rightRows'> & Flags, kind: 'gaia' | 'ztf'): GenerateSpec {
  const { rows, seed, cone, rowsPerPartition = DEFAULT_ROWS_PER_PARTITION } = flags;
  return { kind, rows, seed, rowsPerPartition, ...(cone === undefined ? {} : { cone }) };
}

/** Two catalogs of the same stars. */
function pairSpecs(flags: Flags): { gaia: GenerateSpec; ztf: GenerateSpec } {
  const gaia = specOf(flags, 'gaia');
  const rows = flags.rightRows ?? flags.rows;
  return { gaia, ztf: { ...gaia, kind: 'ztf', rows, counterpartOf: gaia } };
}

/** The folder around a pair; one inside a catalog would be taken for a part of it. */
async function makePairFolder(dir: string): Promise<void> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw requestError(`no folder can be made: ${error.message}`, undefined, dir);
  });
  if (names === null) {
    await mkdir(dir).catch((error: NodeJS.ErrnoException) => {
      throw requestError(`the folder cannot be made: ${error.message}`, 'Give another one.', dir);
    });
  } else if (names.some((name) => name.endsWith('.properties') || name === 'dataset')) {
    throw requestError('the folder is a catalog already', 'Give another one for the pair.', dir);
  }
}

function lineOf({ rows, output, partitions, bytes }: WriteResult): string {
  return `wrote ${countOf(rows, 'row')} to ${output} (${countOf(partitions, 'partition')}, ${bytesText(bytes)})`;
}
