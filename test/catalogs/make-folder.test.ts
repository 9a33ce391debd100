/** Folders that several make at the same time, and places where none can be made. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { makeFolder } from '../../catalogs/make-folder.ts';

const root = mkdtempSync(path.join(tmpdir(), 'crosshatch-folders-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('a folder', () => {
  test('is made with those above it, by any number at once', async () => {
    for (let round = 0; round < 200; round++) {
      const dir = path.join(root, `${round}`, 'a', 'b', 'c');
      await Promise.all(Array.from({ length: 8 }, () => makeFolder(dir)));
      expect(statSync(dir).isDirectory()).toBe(true);
    }
  });

  test('is refused where a file is in the way', async () => {
    writeFileSync(path.join(root, 'file'), '');
    await expect(makeFolder(path.join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(path.join(root, 'file', 'a'))).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
  });

  test.runIf(existsSync('/proc/self'))('is refused where none can be made', async () => {
    await expect(makeFolder('/proc/crosshatch/a')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
