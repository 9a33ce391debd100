/** What tests of remote reading share: short patience, and a spool of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { type NetworkCounters, processMeter } from '../../catalogs/meter.ts';
import { PATIENCE } from '../../catalogs/remote/guard.ts';
import { setRemote } from '../../catalogs/remote/settings.ts';
import { setSpool } from '../../catalogs/spool/settings.ts';
import type { SkyRow } from '../query/make-catalog.ts';
import { serveFolder } from './web-server.ts';

/** Waits that a test can bear; a stalled request is noticed soon. */
export const SHORT = { ...PATIENCE, pauseMs: 1, maxPauseMs: 5, stallMs: 300, hedgeMs: 10_000 };

// No request may leave this machine, whatever the environment says.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
process.env['AWS_CONFIG_FILE'] = '/nonexistent';
process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/nonexistent';

/** A folder for a spool; `fresh` makes it empty by taking a new one. */
export function testSpool(limitBytes = 1e9): { dir(): string; fresh(): string } {
  const root = mkdtempSync(path.join(tmpdir(), 'crosshatch-spool-test-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  let number = 0;
  const spool = {
    dir: () => path.join(root, String(number)),
    fresh: () => {
      number++;
      setSpool({ dir: spool.dir(), limitBytes });
      return spool.dir();
    },
  };
  setRemote({ patience: SHORT });
  spool.fresh();
  return spool;
}

/** Rows on a grid of thirtieths of a degree. */
export function gridRows(count: number): SkyRow[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    ra: 10 + (id % 30) / 30,
    dec: Math.floor(id / 30) / 30,
    tag: `t${id}`,
    mag: id,
  }));
}

/** Two places of a catalog, asked twice each at most. */
export async function serveTwo(first: string, second: string) {
  setRemote({ patience: { ...SHORT, tries: 2 } });
  const [one, two] = [await serveFolder(first), await serveFolder(second)];
  const stop = async () => {
    await one.close();
    await two.close();
  };
  return { one, two, stop };
}

/** A place that went down. */
export const down = () => ({ kind: 'reset' }) as const;

/** What `work` counted. */
export async function counted<T>(
  work: () => Promise<T>,
): Promise<{ result: T; counts: NetworkCounters }> {
  const before = processMeter.counts;
  const result = await work();
  const after = processMeter.counts;
  const counts = Object.fromEntries(
    Object.entries(after).map(([name, value]) => [
      name,
      value - before[name as keyof NetworkCounters],
    ]),
  ) as unknown as NetworkCounters;
  return { result, counts };
}
