/** What the scripts for large machines find on them, played here: programs, and the metadata service. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ran {
  readonly status: number;
  readonly text: string;
}

export interface StandIns {
  readonly dir: string;
  /** File that every call is noted in, a line each. */
  readonly calls: string;
  /** A program that notes how it was called and then does `then`. */
  standIn(name: string, then?: string): void;
  /** Runs a script that finds these programs before all others. */
  run(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran>;
  /** How a program was called. */
  called(name: string): string[];
  remove(): void;
}

export function createStandIns(): StandIns {
  const dir = mkdtempSync(join(tmpdir(), 'crosshatch-ec2-'));
  const calls = join(dir, 'calls');
  mkdirSync(join(dir, 'bin'));
  writeFileSync(calls, '');
  return {
    dir,
    calls,
    standIn(name, then = '') {
      const file = join(dir, 'bin', name);
      writeFileSync(file, `#!/usr/bin/env bash\necho "${name} $*" >> '${calls}'\n${then}\n`);
      chmodSync(file, 0o755);
    },
    run(script, args, env) {
      const path = `${join(dir, 'bin')}:${process.env['PATH']}`;
      const options = { env: { ...process.env, ...env, PATH: path } };
      return new Promise((resolve) => {
        execFile('bash', [script, ...args], options, (error, stdout, stderr) => {
          const status = error === null ? 0 : Number(error.code ?? 1);
          resolve({ status, text: stdout + stderr });
        });
      });
    },
    called(name) {
      const lines = readFileSync(calls, 'utf8').split('\n');
      return lines.filter((line) => line.startsWith(`${name} `));
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** What a machine knows of itself; only who asks for a token first is told (IMDSv2). */
export async function metadataService() {
  const asked: string[] = [];
  const answers: Record<string, string> = {
    'instance-type': 'c7i.8xlarge',
    'instance-id': 'i-0123',
    'placement/region': 'eu-west-3',
  };
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      const lifetime = request.headers['x-aws-ec2-metadata-token-ttl-seconds'];
      response.writeHead(lifetime === undefined ? 400 : 200).end('secret');
      return;
    }
    const isTrusted = request.headers['x-aws-ec2-metadata-token'] === 'secret';
    const answer = answers[(request.url ?? '').replace('/latest/meta-data/', '')];
    response.writeHead(isTrusted && answer !== undefined ? 200 : 401).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}`, stop: () => server.close() };
}
