import {
  chmod,
  mkdir,
  readdir,
  readFile,
  realpath,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkNotInside, openFileStaging, openStaging } from '../../catalogs/staging.ts';
import { writeError } from '../../catalogs/write-error.ts';
import { requestError } from '../../partitioning/error.ts';
import { temporaryFolder } from './leaf-fixture.ts';

/** Lets one rename, or every question for permission, fail as a disk would let it. */
const faults = vi.hoisted(() => ({ renameTo: '', access: '' }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...original,
    access(location: string, mode?: number) {
      if (faults.access === '') return original.access(location, mode);
      return Promise.reject(Object.assign(new Error('refused'), { code: faults.access }));
    },
    rename(from: string, to: string) {
      if (to !== faults.renameTo) return original.rename(from, to);
      faults.renameTo = '';
      return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    },
  };
});

let dir: string;
let target: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
  dir = await realpath(dir);
  target = path.join(dir, 'out');
});
afterEach(async () => {
  faults.renameTo = '';
  faults.access = '';
  await remove();
});

const OPTIONS = { digest: 'abc123' };

/** A folder that counts as a catalog when it comes to replacing it. */
async function makeOld(content = 'old'): Promise<void> {
  await mkdir(target);
  await writeFile(path.join(target, 'hats.properties'), content);
}

async function makeOutput(output: string, content = 'new'): Promise<void> {
  await mkdir(path.join(output, 'dataset'));
  await writeFile(path.join(output, 'hats.properties'), content);
}

async function contentOf(folder: string): Promise<string> {
  return readFile(path.join(folder, 'hats.properties'), 'utf8');
}

describe('a new output', () => {
  test('appears on commit and not before, and nothing else stays', async () => {
    const staging = await openStaging(target, OPTIONS);
    expect(staging).toMatchObject({
      target,
      root: path.join(dir, '.out.crosshatch-abc123'),
      resumed: false,
    });
    await makeOutput(staging.output);
    expect(await readdir(dir)).toEqual(['.out.crosshatch-abc123']);
    await staging.commit();
    expect(await readdir(dir)).toEqual(['out']);
    expect((await readdir(target)).sort()).toEqual(['dataset', 'hats.properties']);
  });

  test('does the same without flushing', async () => {
    const staging = await openStaging(target, { ...OPTIONS, sync: false });
    await makeOutput(staging.output);
    await staging.commit();
    expect(await contentOf(target)).toBe('new');
  });

  test('goes without a trace when discarded', async () => {
    const staging = await openStaging(target, OPTIONS);
    await makeOutput(staging.output);
    await staging.discard();
    expect(await readdir(dir)).toEqual([]);
  });

  test('does not replace what appeared in the meantime', async () => {
    const staging = await openStaging(target, OPTIONS);
    await makeOutput(staging.output);
    await makeOld();
    await expect(staging.commit()).rejects.toThrow('output exists');
    expect(await contentOf(target)).toBe('old');
    expect(await contentOf(staging.output)).toBe('new');
  });

  test('lies where a link to a folder points', async () => {
    await mkdir(path.join(dir, 'real'));
    await symlink('real', path.join(dir, 'link'));
    const staging = await openStaging(path.join(dir, 'link', 'out'), OPTIONS);
    expect(staging.target).toBe(path.join(dir, 'real', 'out'));
    await staging.commit();
    expect(await readdir(path.join(dir, 'real'))).toEqual(['out']);
  });
});

describe('an existing output', () => {
  test('is kept, and refused before any work', async () => {
    await makeOld();
    await expect(openStaging(target, OPTIONS)).rejects.toMatchObject({
      tag: 'request',
      what: 'output exists',
      where: target,
      hint: expect.stringContaining('--overwrite'),
    });
    expect(await readdir(dir)).toEqual(['out']);
  });

  test('is replaced whole with overwrite', async () => {
    await makeOld();
    await writeFile(path.join(target, 'more'), '');
    const staging = await openStaging(target, { ...OPTIONS, overwrite: true });
    await makeOutput(staging.output);
    expect(await contentOf(target)).toBe('old');
    await staging.commit();
    expect(await readdir(dir)).toEqual(['out']);
    expect((await readdir(target)).sort()).toEqual(['dataset', 'hats.properties']);
    expect(await contentOf(target)).toBe('new');
  });

  test('comes back when the new one cannot take its place', async () => {
    await makeOld();
    const staging = await openStaging(target, { ...OPTIONS, overwrite: true });
    await makeOutput(staging.output);
    faults.renameTo = target;
    await expect(staging.commit()).rejects.toMatchObject({
      tag: 'storage',
      what: 'the disk is full',
      where: target,
    });
    expect(await contentOf(target)).toBe('old');
    expect((await readdir(dir)).sort()).toEqual(['.out.crosshatch-abc123', 'out']);
    await staging.commit();
    expect(await contentOf(target)).toBe('new');
  });

  test('comes back after a kill between the two renames, and goes after one behind them', async () => {
    await mkdir(path.join(dir, '.out.crosshatch-replaced.old'));
    await writeFile(path.join(dir, '.out.crosshatch-replaced.old', 'hats.properties'), 'old');
    await expect(openStaging(target, OPTIONS)).rejects.toThrow('output exists');
    expect(await contentOf(target)).toBe('old');
    await mkdir(path.join(dir, '.out.crosshatch-replaced.old'));
    await expect(openStaging(target, OPTIONS)).rejects.toThrow('output exists');
    expect(await readdir(dir)).toEqual(['out']);
  });

  test('that no catalog writer made is never replaced', async () => {
    await mkdir(target);
    await writeFile(path.join(target, 'thesis.tex'), '');
    const overwrite = { ...OPTIONS, overwrite: true };
    await expect(openStaging(target, overwrite)).rejects.toMatchObject({
      tag: 'request',
      what: expect.stringContaining('not a HATS catalog'),
    });
    await writeFile(path.join(target, 'properties'), '');
    await expect(openStaging(target, overwrite)).rejects.toThrow('not a HATS catalog');
    await mkdir(path.join(target, 'dataset'));
    await expect(openStaging(target, overwrite)).resolves.toMatchObject({ target });
  });

  test('that is a file is refused, with overwrite too', async () => {
    await writeFile(target, '');
    for (const overwrite of [false, true]) {
      await expect(openStaging(target, { ...OPTIONS, overwrite })).rejects.toThrow(
        'the output is a file',
      );
    }
  });
});

describe('a place that cannot be written', () => {
  test('is refused before any work', async () => {
    await writeFile(path.join(dir, 'file'), '');
    await symlink('nowhere', path.join(dir, 'dangling'));
    const places = {
      'https://host/out': 'this is no place to write to',
      's3://bucket': 'this is no place to write to',
      [path.join(dir, 'missing', 'out')]: 'the folder of the output does not exist',
      [path.join(dir, 'file', 'out')]: 'the output lies below a file',
      [path.join(dir, 'file', 'a', 'out')]: 'the folder of the output does not exist',
      [path.join(dir, 'dangling')]: 'the output is a link that leads nowhere',
      '/': 'the output needs a name',
    };
    for (const [place, what] of Object.entries(places)) {
      await expect(openStaging(place, OPTIONS)).rejects.toMatchObject({
        tag: 'request',
        what: expect.stringContaining(what),
      });
    }
    expect((await readdir(dir)).sort()).toEqual(['dangling', 'file']);
  });

  test('for want of permission is named as such', async () => {
    await chmod(dir, 0o555);
    // The superuser may write anywhere: ask as somebody else.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid!(65534);
    try {
      const opening = openStaging(target, OPTIONS);
      await expect(opening).rejects.toThrow(/there is no permission to write.*\n.*folder/);
    } finally {
      if (isRoot) process.seteuid!(0);
      await chmod(dir, 0o755);
    }
  });

  test('because its disk is read-only is refused before any work', async () => {
    faults.access = 'EROFS';
    await expect(openStaging(target, OPTIONS)).rejects.toMatchObject({
      tag: 'request',
      what: 'the output cannot be written: the file system is read-only',
      where: dir,
    });
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('an output that is one file', () => {
  test('appears on commit, replacing another in one step', async () => {
    const file = path.join(dir, 'pairs.parquet');
    const first = await openFileStaging(file, OPTIONS);
    expect(path.basename(first.output)).toBe('pairs.parquet');
    await writeFile(first.output, 'one');
    await expect(stat(file)).rejects.toThrow('ENOENT');
    await first.commit();
    await expect(openFileStaging(file, OPTIONS)).rejects.toThrow('output exists');
    const second = await openFileStaging(file, { ...OPTIONS, overwrite: true });
    await writeFile(second.output, 'two');
    faults.renameTo = file;
    await expect(second.commit()).rejects.toThrow('the disk is full');
    expect(await readFile(file, 'utf8')).toBe('one');
    await second.commit();
    expect(await readFile(file, 'utf8')).toBe('two');
    expect(await readdir(dir)).toEqual(['pairs.parquet']);
  });

  test('does not replace a folder', async () => {
    await makeOld();
    const options = { ...OPTIONS, overwrite: true };
    await expect(openFileStaging(target, options)).rejects.toThrow('the output is a folder');
  });
});

describe('outputs and inputs', () => {
  test('do not lie inside each other', async () => {
    await mkdir(path.join(dir, 'gaia', 'dataset'), { recursive: true });
    await symlink('gaia', path.join(dir, 'link'));
    const gaia = path.join(dir, 'gaia');
    const clashes: [output: string, input: string, problem: string][] = [
      [gaia, gaia, 'the output is also an input'],
      [path.join(dir, 'link'), gaia, 'the output is also an input'],
      [path.join(gaia, 'out'), gaia, 'the output lies inside an input'],
      [path.join(dir, 'link', 'a', 'b'), gaia, 'the output lies inside an input'],
      [path.join(gaia, 'out'), path.join(dir, 'link'), 'the output lies inside an input'],
      [dir, gaia, 'the output holds an input'],
      [gaia, path.join(dir, 'link', 'dataset'), 'the output holds an input'],
      [gaia, pathToFileURL(gaia).href, 'the output is also an input'],
      [path.relative('.', gaia), gaia, 'the output is also an input'],
    ];
    for (const [output, input, problem] of clashes) {
      await expect(checkNotInside(output, ['s3://bucket/gaia', input])).rejects.toMatchObject({
        tag: 'request',
        what: `${problem}: ${input}`,
      });
    }
  });

  test('may lie beside each other, under names that begin alike', async () => {
    await mkdir(path.join(dir, 'gaia'));
    const inputs = [path.join(dir, 'gaia'), 'https://example.org/out', path.join(dir, '..gaia')];
    for (const name of ['gaia2', 'gai', '..out']) {
      await expect(checkNotInside(path.join(dir, name), inputs)).resolves.toBeUndefined();
    }
    await expect(checkNotInside('s3://bucket/out', ['s3://bucket/ou'])).resolves.toBeUndefined();
    await expect(checkNotInside('s3://bucket/out', ['s3://bucket/out/a'])).rejects.toMatchObject({
      what: 'the output holds an input: s3://bucket/out/a',
    });
  });
});

describe('a failed write', () => {
  test('says what can be done about it', () => {
    const coded = (code: string) => Object.assign(new Error(`${code}: x`), { code });
    const whats = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EMFILE'].map((code) => {
      const error = writeError(coded(code), '/out');
      expect(error).toMatchObject({ tag: 'storage', where: '/out', hint: expect.any(String) });
      return error.what;
    });
    expect(whats).toEqual([
      'the disk is full',
      'your disk quota is used up',
      'the file system is read-only',
      'there is no permission to write',
      'there is no permission to write',
      'too many files are open',
    ]);
    expect(writeError(coded('EIO'), '/out').what).toBe('writing failed: EIO: x');
  });

  test("is recognised in DuckDB's words, and keeps a tag it has", () => {
    const text = 'IO Error: Could not write to file "/out/1-2.parquet": No space left on device';
    expect(writeError(new Error(text), '/out').what).toBe('the disk is full');
    const tagged = requestError('something else');
    expect(writeError(tagged, '/out')).toBe(tagged);
  });
});
