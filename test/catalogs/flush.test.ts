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

  test('one that could not be flushed is told of at the end, whatever came after it', async () => {
    const flushed: string[] = [];
    const early = new EarlyFlush(async (file) => {
      if (file === 'bad') throw new Error('input/output error');
      flushed.push(file);
    });
    early.add(['a', 'bad', 'b']);
    while (flushed.length < 2) await turn();
    await expect(early.stop()).rejects.toThrow('input/output error');
  });
});
