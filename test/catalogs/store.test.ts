import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localStore, writeLocalChunks } from '../../catalogs/local-store.ts';
import {
  absolutePath,
  directoryOf,
  isRemote,
  joinPath,
  nameOf,
  resolveReference,
} from '../../catalogs/path.ts';
import { reliableStore, storeFor } from '../../catalogs/store.ts';
import { temporaryFolder } from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ dir, remove } = await temporaryFolder());
  await writeFile(
    path.join(dir, 'ten'),
    Uint8Array.from({ length: 10 }, (_, i) => i),
  );
});
afterAll(() => remove());

const inDir = (...parts: string[]) => path.join(dir, ...parts);

describe('choosing a store', () => {
  test('local paths and file URLs', () => {
    expect(storeFor('a/b')).toBe(localStore);
    expect(storeFor('/a/b')).toBe(localStore);
    expect(storeFor('file:///a/b')).toBe(localStore);
  });

  test.each(['s3://bucket/a', 'https://a.org/b', 'http://a.org/b'])('%s is remote', (url) => {
    expect(storeFor(url)).toBe(reliableStore);
  });

  test('other schemes are refused as wrong requests', () => {
    expect(() => storeFor('gs://a/b')).toThrow(
      expect.objectContaining({
        tag: 'request',
        what: 'gs:// is not a kind of path that can be read',
        where: 'gs://a/b',
      }),
    );
  });
});

describe('paths', () => {
  test('are joined for files and for URLs alike', () => {
    expect(joinPath('/a/b', '../c', 'd')).toBe('/a/c/d');
    expect(joinPath('s3://bucket/a/b', '../c')).toBe('s3://bucket/a/c');
    expect(joinPath('https://a.org', 'b')).toBe('https://a.org/b');
    expect(joinPath('s3://bucket/a', '../../../b')).toBe('s3://bucket/b');
  });

  test('become absolute without a slash at the end', () => {
    expect(absolutePath('/a/b/')).toBe('/a/b');
    expect(absolutePath('a')).toBe(path.resolve('a'));
    expect(absolutePath('file:///a%20b/c')).toBe('/a b/c');
    expect(absolutePath('s3://bucket/a/')).toBe('s3://bucket/a');
  });

  test('of collection members', () => {
    expect(resolveReference('/c/d', 'm/')).toBe('/c/d/m');
    expect(resolveReference('/c/d', '../other')).toBe('/c/other');
    expect(resolveReference('/c/d', '/abs/m')).toBe('/abs/m');
    expect(resolveReference('/c/d', 's3://bucket/m')).toBe('s3://bucket/m');
    expect(resolveReference('s3://bucket/c', '../m')).toBe('s3://bucket/m');
    expect(resolveReference('s3://bucket/c', '/abs/m')).toBe('/abs/m');
  });

  test('are taken apart', () => {
    expect([nameOf('/a/b.c'), nameOf('s3://bucket/a/b')]).toEqual(['b.c', 'b']);
    expect([directoryOf('/a/b.c'), directoryOf('s3://bucket/a/b')]).toEqual([
      '/a',
      's3://bucket/a',
    ]);
    expect([isRemote('S3://a/b'), isRemote('file:///a'), isRemote('/a')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('reading local files', () => {
  test('size and tag', async () => {
    const stat = await localStore.stat(inDir('ten'));
    expect(stat?.size).toBe(10);
    expect(stat?.etag).toMatch(/^10-/);
    expect(await localStore.stat(pathToFileURL(inDir('ten')).href)).toEqual(stat);
    expect(await localStore.stat(inDir('none'))).toBeUndefined();
    expect(await localStore.stat(inDir('ten', 'below-a-file'))).toBeUndefined();
    expect(await localStore.stat(dir)).toBeUndefined();
  });

  test('ranges are half-open', async () => {
    expect([...(await localStore.readRange(inDir('ten'), 2, 5))]).toEqual([2, 3, 4]);
    expect([...(await localStore.readRange(inDir('ten'), 0, 10))]).toHaveLength(10);
    expect([...(await localStore.readRange(inDir('ten'), 4, 4))]).toEqual([]);
  });

  test('a range beyond the end is an error, not a short answer', async () => {
    await expect(localStore.readRange(inDir('ten'), 8, 12)).rejects.toMatchObject({
      tag: 'storage',
      what: 'the file ends at byte 10, before byte 12 that was asked for',
      where: inDir('ten'),
    });
  });

  test('whole files, up to a limit', async () => {
    expect(await localStore.readAll(inDir('ten'), 10)).toHaveLength(10);
    await expect(localStore.readAll(inDir('ten'), 9)).rejects.toThrow(
      'the file has 10 bytes, more than the 9 expected',
    );
  });

  test('what cannot be read says why', async () => {
    await expect(localStore.readAll(inDir('none'))).rejects.toThrow(
      `the file could not be read: no such file (${inDir('none')})`,
    );
    await expect(localStore.readAll(dir)).rejects.toThrow('it is a directory');
    await expect(localStore.readRange(inDir('none'), 0, 1)).rejects.toMatchObject({
      tag: 'storage',
    });
  });

  test('listing follows links, sorts by name and skips dead links', async () => {
    await mkdir(inDir('list', 'sub'), { recursive: true });
    await writeFile(inDir('list', 'b'), 'bb');
    await symlink(inDir('ten'), inDir('list', 'a'));
    await symlink(inDir('nowhere'), inDir('list', 'dead'));
    expect(await localStore.list(inDir('list'))).toEqual([
      { path: inDir('list', 'a'), name: 'a', directory: false, size: 10 },
      { path: inDir('list', 'b'), name: 'b', directory: false, size: 2 },
      { path: inDir('list', 'sub'), name: 'sub', directory: true, size: 0 },
    ]);
    expect(await localStore.list(inDir('none'))).toEqual([]);
    expect(await localStore.list(inDir('ten'))).toEqual([]);
  });

  test('long directories are listed whole', async () => {
    await mkdir(inDir('many'));
    const names = Array.from({ length: 200 }, (_, i) => `f${String(i).padStart(3, '0')}`);
    await Promise.all(names.map((name) => writeFile(inDir('many', name), name)));
    expect((await localStore.list(inDir('many'))).map((entry) => entry.name)).toEqual(names);
  });
});

describe('writing local files', () => {
  test('makes folders, replaces, and leaves nothing else', async () => {
    const file = inDir('new', 'deep', 'file');
    await localStore.write(file, Buffer.from('one'));
    await localStore.write(file, Buffer.from('two'));
    expect(await readFile(file, 'utf8')).toBe('two');
    expect(await readdir(path.dirname(file))).toEqual(['file']);
  });

  test('pieces arrive in order, while earlier content stays until the end', async () => {
    const file = inDir('pieces');
    await writeFile(file, 'old');
    const seen: string[] = [];
    async function* pieces() {
      for (const piece of ['a', 'b', 'c']) {
        seen.push(await readFile(file, 'utf8'));
        yield Buffer.from(piece.repeat(100_000));
      }
    }
    await writeLocalChunks(file, pieces());
    expect(seen).toEqual(['old', 'old', 'old']);
    const expected = ['a', 'b', 'c'].map((piece) => piece.repeat(100_000)).join('');
    expect((await readFile(file, 'utf8')) === expected).toBe(true);
  });

  test('a failure half-way leaves what was there, and its own error', async () => {
    const file = inDir('half', 'file');
    await localStore.write(file, Buffer.from('old'));
    function* failing() {
      yield Buffer.from('new');
      throw new RangeError('no more');
    }
    await expect(writeLocalChunks(file, failing())).rejects.toThrow(new RangeError('no more'));
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(path.dirname(file))).toEqual(['file']);
  });

  test('a place that cannot be written is named', async () => {
    await expect(localStore.write(inDir('ten', 'x'), Buffer.from('x'))).rejects.toMatchObject({
      tag: 'storage',
      where: inDir('ten', 'x'),
    });
    await mkdir(inDir('closed'));
    await chmod(inDir('closed'), 0o500);
    // The superuser may write anywhere: then there is nothing to refuse.
    if (process.getuid?.() !== 0) {
      await expect(localStore.write(inDir('closed', 'x'), Buffer.from('x'))).rejects.toThrow(
        'permission denied',
      );
    }
  });
});
