/**
 * Finds the command that is asked for, runs it, and turns what goes wrong into a message and an exit code.
 * Only the chosen command's file is loaded, and that loads the engine when it runs: help answers at once.
 */
import { Command } from 'commander';
import { VERSION } from '../catalogs/version.ts';
import { requestError } from '../partitioning/error.ts';
import { exitCodeOf, messageOf } from './fail.ts';

/** Adds arguments, options and the action to a command that has its name already. */
export type DefineCommand = (command: Command) => void;

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<DefineCommand>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'make two catalogs, match them, compare with the truth, write the result and a map',
    load: async () => (await import('./commands/demo.ts')).defineDemo,
  },
  {
    name: 'generate',
    summary: 'make seeded catalogs on the real density of the sky, with margins',
    load: async () => (await import('./commands/generate.ts')).defineGenerate,
  },
  {
    name: 'info',
    summary: 'say what a catalog holds: rows, partitions, columns, margins',
    load: async () => (await import('./commands/info.ts')).defineInfo,
  },
  {
    name: 'crossmatch',
    summary: 'find the neighbours of every row of one catalog in another',
    load: async () => (await import('./commands/crossmatch.ts')).defineCrossmatch,
  },
  {
    name: 'query',
    summary: 'rows of a catalog that pass a filter and lie in a region',
    load: async () => (await import('./commands/query.ts')).defineQuery,
  },
  {
    name: 'skymap',
    summary: 'map the rows of a catalog, or an aggregate of them, per HEALPix pixel',
    load: async () => (await import('./commands/skymap.ts')).defineSkymap,
  },
  {
    name: 'margin',
    summary: 'write the margin catalog of a catalog',
    load: async () => (await import('./commands/margin.ts')).defineMargin,
  },
  {
    name: 'fits',
    summary: 'show headers, image sections and table columns of FITS files, in place',
    load: async () => (await import('./commands/fits.ts')).defineFits,
  },
  {
    name: 'spool',
    summary: 'say what is kept of remote catalogs, or clear it',
    load: async () => (await import('./commands/spool.ts')).defineSpool,
  },
];

/** Commands that are planned: naming one says so instead of calling it unknown. */
const LATER = ['import', 'index', 'verify'];

/** Runs the command that `argv` (without node and script) asks for, and sets the exit code. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  try {
    const program = await buildProgram(argv);
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.stderr.write(messageOf(error, argv.includes('--debug')));
    process.exitCode = exitCodeOf(error);
  }
}

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('crosshatch')
    .description('Cross-match sky catalogs of any size.')
    .version(VERSION)
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', '\nExample:\n  crosshatch demo\n')
    .showHelpAfterError('See crosshatch --help.')
    .exitOverride();
  const [chosen, second] = argv.filter((word) => !word.startsWith('-'));
  const name = chosen === 'help' ? second : chosen;
  for (const entry of COMMANDS) {
    const command = program.command(entry.name).description(entry.summary);
    command.showHelpAfterError(`See crosshatch ${entry.name} --help.`);
    if (entry.name === name) (await entry.load())(command);
  }
  for (const later of LATER) refuseLater(program, later);
  return program;
}

function refuseLater(program: Command, name: string): void {
  program
    .command(name, { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(() => {
      throw requestError(`the command ${name} is not in this version`);
    });
}

/** A reader that has seen enough, such as `head`, is no failure. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
