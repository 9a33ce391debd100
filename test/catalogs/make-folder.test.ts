/** Folders for whatever place a user may name: made, or refused at once. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../../catalogs/make-folder.ts';
import { openFileStaging, openStaging } from '../../catalogs/staging.ts';
import { tempFolder } from '../query/temp-folder.ts';

const temp = tempFolder();

test('a folder and those above it', async () => {
  const dir = temp(path.join('a', 'b', 'c'));
  await makeFolder(dir);
  expect(statSync(dir).isDirectory()).toBe(true);
  await makeFolder(dir);
  await Promise.all([1, 2, 3].map((i) => makeFolder(temp(path.join('at once', 'x', `${i % 2}`)))));
});

test('the same folder by any number at once', async () => {
  for (let round = 0; round < 200; round++) {
    const dir = temp(path.join(`round ${round}`, 'a', 'b', 'c'));
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(dir)));
    expect(statSync(dir).isDirectory()).toBe(true);
  }
});

test('a file in its place, or above it', async () => {
  writeFileSync(temp('file'), '');
  await expect(makeFolder(temp('file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(temp(path.join('file', 'x')))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

/** A file system that makes no folders, and says that something is missing. */
describe.runIf(existsSync('/proc/self'))('below /proc', () => {
  test('a folder is refused', async () => {
    await expect(makeFolder('/proc/crosshatch/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each([openStaging, openFileStaging])('an output is refused', async (open) => {
    const options = { digest: 'd', plan: {} };
    await expect(open('/proc/crosshatch', options)).rejects.toMatchObject({
      tag: 'request',
      what: 'the output cannot be written: no folder can be made there',
      where: '/proc',
    });
  });
});
