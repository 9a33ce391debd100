/**
 * The package as a user gets it: packed, installed in an empty folder, and used without the checkout.
 * Slow (a build, an install and a demo), hence a stage of its own: `npm run test:package`.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'crosshatch-package-'));
const installed = path.join(folder, 'node_modules', 'crosshatch');
const bin = path.join(folder, 'node_modules', '.bin', 'crosshatch');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the user's folder; `env` finds the Node of these tests before any other. */
function run(command: string, args: readonly string[], cwd = folder): Ended {
  const search = [path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: search },
    maxBuffer: 64 * 2 ** 20,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

function runWell(command: string, args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr } = run(command, args, cwd);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
  return stdout;
}

function write(name: string, lines: readonly string[]): string {
  writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`);
  return name;
}

/** A Node on the search path that is too old for the package, if there is one. */
function findOldNode(): string | undefined {
  const places = (process.env.PATH ?? '').split(path.delimiter);
  return places
    .map((place) => path.join(place, 'node'))
    .filter((file) => existsSync(file))
    .find((file) => {
      const [major = 0, minor = 0] = runWell(file, ['-p', 'process.versions.node'])
        .split('.')
        .map(Number);
      return major < 22 || (major === 22 && minor < 18);
    });
}

beforeAll(() => {
  const packed = path.join(folder, 'packed');
  mkdirSync(packed);
  runWell('npm', ['--silent', 'pack', '--pack-destination', packed], root);
  const [tarball = ''] = readdirSync(packed);
  write('package.json', ['{ "private": true, "type": "module" }']);
  const tarballPath = path.join(packed, tarball);
  runWell('npm', [
    '--silent',
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    tarballPath,
  ]);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('holds JavaScript and declarations, the data files of the rooms, and no sources', () => {
    const shipped = globSync('dist/**/*.*', { cwd: installed });
    const ending = (pattern: RegExp) => shipped.filter((file) => pattern.test(file));
    // What is compiled to WebAssembly has no declarations.
    const engine = globSync('engine/**/*.ts', {
      cwd: root,
      exclude: ['**/assembly/**'],
    });
    expect(engine.length).toBeGreaterThan(100);
    expect(ending(/types\/engine\/.*\.d\.ts$/).length).toBe(engine.length);
    expect(shipped).toContain(path.join('dist', 'bin.js'));
    expect(shipped).toContain(path.join('dist', 'registry.json'));
    expect(ending(/\.ttf$/)).toEqual([path.join('dist', 'font', 'dejavu-sans.ttf')]);
    expect(ending(/(?<!\.d)\.ts$/)).toEqual([]);
    expect(existsSync(path.join(installed, 'LICENSE'))).toBe(true);
    expect(existsSync(path.join(installed, 'README.md'))).toBe(true);
  });

  test('names the licence of every package that is part of it', () => {
    const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const licences = readFileSync(path.join(installed, 'dist', 'third-party-licenses.txt'), 'utf8');
    const named = [...licences.matchAll(/^(\S+) ([\d.]+\S*) \((.+)\)$/gm)];
    expect(named.map(([, name]) => name)).toContain('@duckdb/node-api');
    for (const [, name, version, licence] of named) {
      expect(devDependencies[name!]).toBe(version);
      expect(licence).toMatch(/^(MIT|ISC|Apache-2\.0|BSD-\d-Clause)$/);
    }
  });

  test('runs the demo, and the catalog it writes opens from JavaScript', () => {
    const demo = run(bin, ['demo', 'demo']);
    expect(demo.stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(demo.status).toBe(0);

    const [properties = ''] = globSync('demo/**/{hats.properties,collection.properties}', {
      cwd: folder,
    });
    const script = write('count.js', [
      "import { openCatalog } from 'crosshatch';",
      'const catalog = await openCatalog(process.argv[2]);',
      'console.log(await catalog.count());',
    ]);
    const count = runWell(process.execPath, [script, path.dirname(properties)]);
    expect(Number(count)).toBeGreaterThan(0);
  }, 180_000);

  test('has types that a strict TypeScript program is checked against', () => {
    const program = [
      "import { openCatalog } from 'crosshatch';",
      'const left = await openCatalog("left");',
      'const right = await openCatalog("right");',
      'const pairs: number = await left.crossmatch(right, { radiusArcsec: 1 }).count();',
      'console.log(pairs);',
    ];
    const compile = (name: string, lines: readonly string[]): Ended =>
      run(path.join(root, 'node_modules', '.bin', 'tsc'), [
        ...['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024'],
        ...['--module', 'nodenext', '--types', 'node'],
        ...['--typeRoots', path.join(root, 'node_modules', '@types')],
        write(name, lines),
      ]);

    expect(compile('right.ts', program)).toMatchObject({ status: 0, stdout: '' });
    const wrong = program.map((line) => line.replace('radiusArcsec: 1', "radiusArcsec: 'one'"));
    expect(compile('wrong.ts', wrong).stdout).toMatch(/^wrong\.ts\(4,.*not assignable to type/);
  });
});

describe('on a Node that is too old', () => {
  const message = /^crosshatch needs Node\.js 22\.18 or newer, and this is v[\d.]+\n$/;

  test.each(['20.20.2', '22.17.1', '18.0.0'])('%s is refused in one line', (version) => {
    const pretend = write('pretend.cjs', [
      `const versions = { ...process.versions, node: '${version}' };`,
      "Object.defineProperty(process, 'versions', { value: versions });",
      `Object.defineProperty(process, 'version', { value: 'v${version}' });`,
    ]);
    const file = path.join(installed, 'dist', 'bin.js');
    const { status, stdout, stderr } = run(process.execPath, ['-r', `./${pretend}`, file, 'demo']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  const oldNode = findOldNode();
  test.runIf(oldNode !== undefined)('a real one says the same', () => {
    const file = path.join(installed, 'dist', 'bin.js');
    const { status, stdout, stderr } = run(oldNode ?? '', [file, 'demo']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

test('what the package says it has is there', () => {
  const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
    exports: { '.': Record<string, string> };
  };
  const named = [...Object.values(manifest.bin), ...Object.values(manifest.exports['.'])];
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((file) => !existsSync(path.join(installed, file)))).toEqual([]);
});
