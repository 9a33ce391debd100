import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { EarlyFlush } from '../../catalogs/flush.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('files flushed early', () => {
  test('are all of them, one after the other, in their order', async () => {
    const flushed: string[] = [];
    let open = 0;
    const early = new EarlyFlush(async (file) => {
      expect(++open).toBe(1);
      await turn();
      flushed.push(file);
      open--;
    });
    // A cell without pieces, while nothing waits.
    early.add([]);
    early.add(['a', 'b']);
    await turn();
    early.add(['c']);
    while (flushed.length < 3) await turn();
    early.add([]);
    early.add(['d']);
    while (flushed.length < 4) await turn();
    await early.stop();
    expect(flushed).toEqual(['a', 'b', 'c', 'd']);
  });

  test('wait no more once it is stopped', async () => {
    const flushed: string[] = [];
    const early = new EarlyFlush(async (file) => {
      await turn();
      flushed.push(file);
    });
    early.add(['a', 'b', 'c']);
    await early.stop();
    expect(flushed).toEqual(['a']);
  });

  test('one that could not be flushed is removed and told of, whatever came after it', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-test-'));
    const files = ['a', 'bad', 'b'].map((name) => path.join(dir, name));
    for (const file of files) writeFileSync(file, 'x');
    const flushed: string[] = [];
    const early = new EarlyFlush(async (file) => {
      if (file.endsWith('bad')) throw new Error('input/output error');
      flushed.push(file);
    });
    early.add(files);
    while (flushed.length < 2) await turn();
    // Its data are gone: nobody may take the file for whole, and the run need not go on.
    expect(readdirSync(dir)).toEqual(['a', 'b']);
    expect(() => early.add(['c'])).toThrow('input/output error');
    await expect(early.stop()).rejects.toThrow('input/output error');
    rmSync(dir, { recursive: true });
  });
});
