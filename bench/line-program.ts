/** A program that runs once for every line it is sent, and answers each by a line of JSON. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment, type Measured } from './process.ts';
import type { Program } from './suite.ts';

interface Answer {
  readonly seconds: number;
  readonly cpu: number;
  readonly pairs: number;
  readonly [more: string]: number;
}

/** The time is the program's own, so that neither its start nor the reading of its data is in it. */
export function lineProgram(name: string, command: readonly string[]): Program & { close(): void } {
  let child: ReturnType<typeof start> | null = null;
  const start = () => {
    const started = spawn(command[0]!, command.slice(1), {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment(),
    });
    const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
    return { started, lines };
  };
  return {
    name,
    command: command.join(' '),
    async run(): Promise<Measured> {
      child ??= start();
      child.started.stdin.write('\n');
      const { value, done } = await child.lines.next();
      if (done === true) throw new Error(`${name} ended early`);
      const { seconds, cpu, pairs, ...more } = JSON.parse(value) as Answer;
      return { seconds, cpuSeconds: cpu, peakBytes: 0, readBytes: 0, stdout: String(pairs), more };
    },
    close() {
      child?.started.stdin.end();
      child = null;
    },
  };
}
