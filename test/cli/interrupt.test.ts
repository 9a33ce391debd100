/** Ctrl-C in the middle of a run, and going on from there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bin } from '../built-program.ts';
import { crosshatch, crosshatchJson, crosshatchWell, type Ended, tempFolder } from './process.ts';

const { dir, remove } = tempFolder();
// The date in the properties would be the only difference between two outputs.
const env = { SOURCE_DATE_EPOCH: '1700000000' };
const options = { cwd: dir, env };
const match = ['crossmatch', 'sky/gaia', 'sky/ztf', '--radius', '1', '--workers', '2'];
afterAll(remove);

beforeAll(async () => {
  // Above what runs on the main thread, in enough partitions for several tasks.
  const spec = ['--rows', '1.8e5', '--right-rows', '1.4e5', '--cone', '285,5,18000'];
  const form = ['--rows-per-partition', '10000', '--margin', 'none'];
  await crosshatchWell(['generate', 'sky', ...spec, ...form], options);
}, 120_000);

/** Runs until two tasks of the match are done, then sends the signals. */
function interrupted(args: readonly string[], ...signals: NodeJS.Signals[]): Promise<Ended> {
  let sent = false;
  return crosshatch([...args, '--progress', 'json'], {
    ...options,
    onStderr(text, kill) {
      if (sent || !/"phase":"match","tasksDone":[2-9]/.test(text)) return;
      sent = true;
      for (const signal of signals) kill(signal);
    },
  });
}

function stagingOf(name: string): string[] {
  return readdirSync(dir).filter((file) => file.startsWith(`.${name}.crosshatch-`));
}

/** Every file below a folder, with its bytes. */
function contentOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    files
      .sort()
      .map((file) => [path.relative(folder, file), readFileSync(file).toString('base64')]),
  );
}

describe('an interrupted run', () => {
  test('exits with 130, keeps what is done, and --resume gives what a whole run gives', async () => {
    const write = [...match, '--output', 'cut'];
    const { status, stdout, stderr } = await interrupted(write, 'SIGINT');
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    const said = stderr.trimEnd().split('\n').slice(-2);
    expect(said).toEqual([
      '{"message":"stopping; a second signal exits at once"}',
      'interrupted; what is finished is kept, and the same command with --resume continues',
    ]);
    expect(existsSync(path.join(dir, 'cut'))).toBe(false);
    const [staging] = stagingOf('cut');
    const pieces = readdirSync(path.join(dir, staging!, 'pieces'));
    expect(pieces.filter((name) => name.endsWith('.json')).length).toBeGreaterThan(0);

    const resumed = await crosshatch([...write, '--resume', '--progress', 'json'], options);
    expect(resumed).toMatchObject({ status: 0 });
    const whole = await crosshatchJson([...match, '--output', 'whole', '--name', 'cut'], options);
    // What was finished is not computed again.
    const events = resumed.stderr.trimEnd().split('\n');
    const computed = events
      .map((line) => JSON.parse(line) as { phase: string; rows: number })
      .filter(({ phase }) => phase === 'match');
    expect(computed.at(-1)!.rows).toBeGreaterThan(0);
    expect(computed.at(-1)!.rows).toBeLessThan(Number(whole.rows));
    expect(contentOf(path.join(dir, 'cut'))).toEqual(contentOf(path.join(dir, 'whole')));
    expect(stagingOf('cut')).toEqual([]);
  });

  test('with nothing to go on from says that nothing was written', async () => {
    const { status, stderr } = await interrupted([...match, '--output', 'cut.csv'], 'SIGTERM');
    expect(status).toBe(130);
    expect(stderr).toMatch(/\ninterrupted; no output was written\n$/);
    expect(stagingOf('cut.csv')).toEqual([]);
    expect(existsSync(path.join(dir, 'cut.csv'))).toBe(false);
  });

  test('exits at once at the second signal', async () => {
    const args = [...match, '--output', 'twice'];
    const { status, signal, stdout } = await interrupted(args, 'SIGINT', 'SIGTERM');
    // Death by SIGINT is what shells report as 130.
    expect({ status, signal, stdout }).toEqual({ status: null, signal: 'SIGINT', stdout: '' });
    expect(existsSync(path.join(dir, 'twice'))).toBe(false);
  });
});

test('a reader that has seen enough is no failure', async () => {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [bin, 'query', 'sky/gaia', '--limit', '5000'], options);
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
