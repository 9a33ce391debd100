/** `crosshatch spool`: what is kept of remote catalogs, and clearing it. */
import { type Command, Option } from 'commander';
import { requestError } from '../../partitioning/error.ts';
import { addDebugFlag } from '../flags.ts';
import { bytesText, countOf, countText } from '../format.ts';
import { parseBytes } from '../parse.ts';
import { applyRemoteFlags, type RemoteFlags } from '../remote.ts';

interface Flags extends Pick<RemoteFlags, 'spool' | 'spoolLimit'> {
  readonly json?: boolean;
}

export function defineSpool(command: Command): void {
  command
    .argument('<action>', 'info: say what is kept; clear: remove it')
    .option('--spool <dir>', 'folder of the spool (default: in the cache folder)')
    .addOption(
      new Option('--spool-limit <size>', 'bytes to keep at most').argParser(parseBytes).hideHelp(),
    )
    .option('--json', 'print one JSON object instead of text');
  addDebugFlag(command);
  command.addHelpText(
    'after',
    `
Parts of remote catalogs are kept, so that a second run fetches nothing. What runs
use at the moment stays until they end.

Example:
  crosshatch spool info
`,
  );
  command.action(spool);
}

async function spool(action: string, { json, ...remote }: Flags): Promise<void> {
  if (action !== 'info' && action !== 'clear') {
    throw requestError(`'${action}' is nothing the spool can do`, 'Give info or clear.');
  }
  await applyRemoteFlags(remote);
  const { spoolFolder } = await import('../../catalogs/spool/open.ts');
  const folder = await spoolFolder();
  const before = await folder.use();
  if (action === 'clear') await folder.clear();
  const after = action === 'clear' ? await folder.use() : before;
  if (json === true) {
    process.stdout.write(`${JSON.stringify(after)}\n`);
    return;
  }
  const { dir, bytes, files, limitBytes, processes } = after;
  const lines =
    action === 'clear'
      ? [`removed ${countOf(before.files, 'file')}, ${bytesText(before.bytes - bytes)}, of ${dir}`]
      : [
          `folder  ${dir}`,
          `kept    ${bytesText(bytes)} in ${countOf(files, 'file')}, at most ${bytesText(limitBytes)}`,
          `in use  by ${countText(processes)} other ${processes === 1 ? 'process' : 'processes'}`,
        ];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
