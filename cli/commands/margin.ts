/** `crosshatch margin`: the margin catalog of a catalog. */
import type { Command } from 'commander';
import { requestError } from '../../partitioning/error.ts';
import {
  addInvalidFlag,
  addRunFlags,
  addWriterFlags,
  type OutputFlags,
  type RunFlags,
} from '../flags.ts';
import { bytesText, countOf, secondsText } from '../format.ts';
import { parseNumber } from '../parse.ts';
import { type Finished, type Run, runCommand } from '../run.ts';
import { marginOptions } from '../sink.ts';
import { elapsedSeconds } from '../summary.ts';
import { targetOf } from '../target.ts';

type Flags = { readonly radius: number; readonly dropInvalid?: boolean } & Pick<
  OutputFlags,
  'overwrite' | 'compression' | 'name'
> & { readonly output: string } & RunFlags;

export function defineMargin(command: Command): void {
  command
    .argument('<catalog>', 'folder, URL or name of a HATS catalog or collection')
    .requiredOption('--radius <arcsec>', 'rows this near to a partition belong to it', parseNumber)
    .requiredOption('--output <dir>', 'folder of the margin catalog')
    .option('--name <name>', 'name of the margin catalog')
    .option('--overwrite', 'replace the output if it exists');
  addInvalidFlag(addWriterFlags(command));
  addRunFlags(command);
  command.addHelpText(
    'after',
    `
Example (crosshatch demo makes this catalog):
  crosshatch margin demo-output/gaia --radius 30 --output gaia_30arcs
`,
  );
  command.action((path: string, flags: Flags) =>
    runCommand(flags, (run) => margin(path, flags, run)),
  );
}

async function margin(path: string, flags: Flags, run: Run): Promise<Finished> {
  const target = targetOf(flags);
  if (target.kind !== 'catalog') {
    throw requestError('a margin catalog is a folder', undefined, flags.output);
  }
  const { writeMarginCatalog } = await import('../../index.ts');
  const options = marginOptions(flags, run);
  const written = await writeMarginCatalog(path, target.path, flags.radius, options);
  const { rows, stats, output, partitions, bytes } = written;
  const parts = `${countOf(partitions, 'partition')}, ${bytesText(bytes)}`;
  return {
    outcome: { rows, stats, output },
    lines: [
      `wrote ${countOf(rows, 'row')} to ${output} (${parts}) in ${secondsText(elapsedSeconds())}`,
    ],
  };
}
