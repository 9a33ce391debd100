/** The command line. */
import { enableCompileCache } from 'node:module';

/** Runs the command that `argv` (without node and script) asks for, and sets the exit code. */
export async function main(argv: string[]): Promise<void> {
  // Compiling the engine's code takes longer than a small query. Node keeps what it compiled in its own folder
  // of the temporary directory, for what is imported from here on, and goes without where it cannot.
  enableCompileCache();
  const { runProgram } = await import('./program.ts');
  await runProgram(argv);
}
