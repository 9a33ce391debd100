/** Options that several commands share, in groups. Names and defaults are a contract: scripts depend on them. */
import { type Command, Option } from 'commander';
import {
  type BoxValue,
  type CompressionValue,
  type ConeValue,
  parseBox,
  parseBytes,
  parseCompression,
  parseCone,
  parseMargin,
  parseNames,
  parseNumber,
  parsePolygon,
} from './parse.ts';
import { addBudgetFlags, addRemoteFlags, type BudgetFlags, type RemoteFlags } from './remote.ts';

export type ProgressMode = 'auto' | 'plain' | 'json' | 'none';

/** Options of every command that runs something. */
export interface RunFlags extends RemoteFlags, BudgetFlags {
  readonly workers?: number;
  readonly memory?: number;
  readonly progress: ProgressMode;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function addRunFlags(command: Command): Command {
  addBudgetFlags(addRemoteFlags(command));
  command.optionsGroup('Running:');
  return addDebugFlag(
    command
      .option('--workers <n>', 'threads to use (default: all cores)', parseNumber)
      .option('--memory <size>', 'memory to use, such as 8GB (default: half)', parseBytes)
      .addOption(
        new Option('--progress <form>', 'on stderr; auto: a bar on a terminal, else plain lines')
          .choices(['auto', 'plain', 'json', 'none'])
          .default('auto'),
      )
      .option('--json', 'print one JSON object instead of text')
      .option('--verbose', 'say where the time went, on stderr'),
  );
}

/** The flag itself is looked for by main.ts, since an error may come before options are read. */
export function addDebugFlag(command: Command): Command {
  return command.option('--debug', 'show the stack of an error');
}

export interface ExplainFlags {
  readonly explain?: boolean;
}

export function addExplainFlag(command: Command): Command {
  return command.option('--explain', 'print the plan and what it would read; run nothing');
}

/** Parts of the sky that rows must lie in, all of them where several are given. */
export interface RegionFlags {
  readonly cone?: ConeValue;
  readonly box?: BoxValue;
  readonly polygon?: [number, number][];
  readonly moc?: string;
}

export function addRegionFlags(command: Command): Command {
  return command
    .optionsGroup('Part of the sky (degrees):')
    .option('--cone <ra,dec,arcsec>', 'within a circle', parseCone)
    .option('--box <ra1,ra2,dec1,dec2>', 'between two RAs (may run over 0) and two Decs', parseBox)
    .option('--polygon <vertices>', 'inside a polygon "ra,dec ra,dec ra,dec"', parsePolygon)
    .option('--moc <file>', 'inside a MOC, as FITS or JSON');
}

/** How one catalog is read. */
export interface SourceFlags {
  readonly columns?: string[];
  readonly where?: string;
  readonly pathTemplate?: string;
}

export function addSourceFlags(command: Command, { columns } = { columns: true }): Command {
  command.option('--where <sql>', 'only rows for which this is true');
  if (columns) {
    const help = "only these columns; 'all': also those off by default";
    command.option('--columns <a,b>', help, parseNames);
  }
  return addInvalidFlag(
    command.option('--path-template <path>', 'leaf files as {order}, {dir}, {pixel}'),
  );
}

/** Flags of reading that all commands have. */
export function addInvalidFlag(command: Command): Command {
  return command.option(
    '--drop-invalid',
    'leave out rows with unusable positions instead of failing',
  );
}

/** Where the result goes. */
export interface OutputFlags {
  readonly output?: string;
  readonly skymap?: number;
  readonly value?: string;
  readonly by?: string;
  readonly overwrite?: boolean;
  readonly resume?: boolean;
  readonly rowsPerPartition?: number;
  readonly compression?: CompressionValue;
  readonly margin?: number | 'none';
  readonly name?: string;
}

export function addOutputFlags(command: Command): Command {
  return addCatalogFlags(
    command
      .optionsGroup('Output:')
      .option(
        '--output <out>',
        'a folder: a HATS catalog; .parquet, .csv, .arrow, .fits, .png, .svg: a file',
      )
      .option('--skymap <order>', 'count rows per HEALPix pixel of this order', parseNumber)
      .option('--value <expr>', 'what a pixel holds instead, such as mean(mag)')
      .option('--overwrite', 'replace the output if it exists')
      .option('--resume', 'go on from what an interrupted run of the same request left'),
  ).option('--margin <arcsec>', 'write a margin catalog with a HATS output', parseMargin);
}

/** Options of everything that writes HATS catalogs. */
export function addCatalogFlags(command: Command): Command {
  return addWriterFlags(command)
    .option(
      '--rows-per-partition <n>',
      'at most (default: 1000000, or 100000 with light curves)',
      parseNumber,
    )
    .option('--name <name>', 'name of the catalog (default: the last part of its path)');
}

export function addWriterFlags(command: Command): Command {
  return command.option(
    '--compression <codec>',
    'zstd[:LEVEL], snappy, lz4 or none (default: zstd)',
    parseCompression,
  );
}
