/** Where a result goes, as the ending of --output says, and which options fit that. */
import { isRemote, schemeOf } from '../catalogs/path.ts';
import { requestError } from '../partitioning/error.ts';
import type { OutputFlags } from './flags.ts';

export type Target =
  /** Nothing is written: a count, or the first rows. */
  | { readonly kind: 'none' }
  | { readonly kind: 'catalog'; readonly path: string }
  | { readonly kind: 'parquet' | 'csv' | 'arrow'; readonly path: string }
  | {
      readonly kind: 'map';
      readonly order: number;
      readonly path?: string;
      /** What a pixel holds; default: rows. */
      readonly value?: string;
      /** A map for each value of this. */
      readonly by?: string;
    };

/** A folder of such a name would not be what was meant. */
const OTHER_FILES =
  /\.(fit|gz|zst|zip|json|txt|tsv|dat|xml|vot|ecsv|feather|ipc|pq|h5|hdf5|db|jpe?g|pdf)$/i;

/** Refuses what cannot be written to. */
export function refuseRemote(...paths: readonly (string | undefined)[]): void {
  for (const path of paths) {
    if (path !== undefined && isRemote(path)) {
      throw requestError(`outputs of this kind are written to the local disk, not to ${path}`);
    }
  }
}

/** The target that the flags ask for. Throws request errors for what does not go together. */
export function targetOf(flags: OutputFlags): Target {
  const { output, skymap } = flags;
  if (output !== undefined && schemeOf(output) !== 's3') refuseRemote(output);
  const target = output === undefined ? noTarget(skymap) : pathTarget(output, skymap);
  refuseUnused(flags, target);
  if (target.kind !== 'map') return target;
  const { value, by } = flags;
  return {
    ...target,
    ...(value === undefined ? {} : { value }),
    ...(by === undefined ? {} : { by }),
  };
}

function noTarget(skymap: number | undefined): Target {
  return skymap === undefined ? { kind: 'none' } : { kind: 'map', order: skymap };
}

function pathTarget(path: string, skymap: number | undefined): Target {
  const ending = /\.[a-z0-9]+$/i.exec(path)?.[0].toLowerCase();
  if (ending === '.fits' || ending === '.png' || ending === '.svg') {
    if (skymap !== undefined) return { kind: 'map', order: skymap, path };
    throw requestError(
      `a ${ending} output is a sky map`,
      'Give its order, such as --skymap 8.',
      path,
    );
  }
  if (skymap !== undefined) {
    throw requestError(
      'a sky map is written to a .fits, .png or .svg file',
      'Name one with --output.',
      path,
    );
  }
  if (ending === '.parquet') return { kind: 'parquet', path };
  if (ending === '.csv') return { kind: 'csv', path };
  if (ending === '.arrow') return { kind: 'arrow', path };
  if (OTHER_FILES.test(path)) {
    throw requestError(
      `there is no output of the kind ${ending}`,
      'Give a folder for a HATS catalog, or a file .parquet, .csv, .arrow, .fits, .png or .svg.',
      path,
    );
  }
  return { kind: 'catalog', path };
}

/** An option without effect is a request misunderstood. */
function refuseUnused(flags: OutputFlags, target: Target): void {
  const writes = target.kind !== 'none' && target.path !== undefined;
  const catalog = target.kind === 'catalog';
  const used: readonly (readonly [keyof OutputFlags, string, boolean, string])[] = [
    ['overwrite', '--overwrite', writes, 'an --output'],
    ['resume', '--resume', writes, 'an --output'],
    ['compression', '--compression', catalog || target.kind === 'parquet', 'a Parquet output'],
    ['rowsPerPartition', '--rows-per-partition', catalog, 'a folder as --output'],
    ['margin', '--margin', catalog, 'a folder as --output'],
    ['name', '--name', catalog, 'a folder as --output'],
    ['value', '--value', target.kind === 'map', 'a sky map: --skymap ORDER'],
  ];
  for (const [flag, option, fits, needs] of used) {
    if (flags[flag] !== undefined && !fits) throw requestError(`${option} needs ${needs}`);
  }
}
