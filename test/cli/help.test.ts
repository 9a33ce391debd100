import { describe, expect, test } from 'vitest';
import { textOf } from '../architecture/source.ts';
import { crosshatch, crosshatchWell } from './process.ts';

const COMMANDS = ['demo', 'generate', 'info', 'crossmatch', 'query', 'skymap', 'margin'];

/** A hook that writes the address of every module that is loaded to stderr. */
const TELL_MODULES = [
  "import { registerHooks } from 'node:module';",
  'registerHooks({ load(url, context, next) {',
  "process.stderr.write(url + '\\n'); return next(url, context); } });",
].join('');
const told = {
  fromSources: true,
  node: ['--import', `data:text/javascript,${encodeURIComponent(TELL_MODULES)}`],
};

describe('help', () => {
  test('lists the commands, and loads neither the engine nor what it needs', async () => {
    const { status, stdout, stderr } = await crosshatch(['--help'], told);
    expect(status).toBe(0);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(stderr).toMatch(/\/cli\/program\.ts$/m);
    const heavy = /duckdb|apache-arrow|piscina|parquet|\/engine\/|\/workers\/|\/cli\/commands\//;
    expect(stderr.split('\n').filter((url) => heavy.test(url))).toEqual([]);
  });

  test.each(COMMANDS)('of %s has an example, and loads no database', async (name) => {
    const run = await crosshatch([name, '--help'], told);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/\nExamples?.*:\n {2}crosshatch \w+/);
    expect(run.stdout).toContain(`Usage: crosshatch ${name} `);
    expect(run.stderr).toMatch(new RegExp(`/cli/commands/${name}\\.ts$`, 'm'));
    expect(run.stderr).not.toMatch(/duckdb|apache-arrow|piscina|parquet-wasm/);
    expect(await crosshatchWell(['help', name])).toBe(run.stdout);
  });

  test('the version is the one of the package', async () => {
    const { version } = JSON.parse(textOf('package.json')) as { version: string };
    expect(await crosshatchWell(['--version'])).toBe(`${version}\n`);
  });
});

/** stderr of a request that is refused before any work; stdout stays empty. */
async function refused(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await crosshatch(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  return stderr;
}

describe('wrong arguments exit with 2 and a hint', () => {
  test('no command at all', async () => {
    expect(await refused()).toMatch(/^Usage: crosshatch \[options\] \[command\]\n/);
  });

  test.each([
    [
      ['crossmacth'],
      "error: unknown command 'crossmacth'\n(Did you mean crossmatch?)\nSee crosshatch --help.\n",
    ],
    [
      ['query', 'x', '--outptu', 'y'],
      "error: unknown option '--outptu'\n(Did you mean --output?)\nSee crosshatch query --help.\n",
    ],
    [['info'], "error: missing required argument 'catalog'\nSee crosshatch info --help.\n"],
    [
      ['crossmatch', 'a', 'b'],
      "error: required option '--radius <arcsec>' not specified\nSee crosshatch crossmatch --help.\n",
    ],
    [
      ['crossmatch', 'a', 'b', '--radius', 'wide'],
      "error: option '--radius <arcsec>' argument 'wide' is invalid. Give a number.\nSee crosshatch crossmatch --help.\n",
    ],
    [
      ['query', 'a', '--progress', 'loud'],
      "error: option '--progress <form>' argument 'loud' is invalid. Allowed choices are auto, plain, json, none.\nSee crosshatch query --help.\n",
    ],
    [
      ['skymap', 'a', 'b', '--order', '3'],
      "error: too many arguments for 'skymap'. Expected 1 argument but got 2.\nSee crosshatch skymap --help.\n",
    ],
  ])('%j', async (args, message) => {
    expect(await refused(...args)).toBe(message);
  });
});

describe('what is not in this version says so in one line', () => {
  test.each([
    ['import', 'a.csv', '--ra', 'x'],
    ['index', '--help'],
    ['verify', 'a'],
  ])('the command %s', async (...args) => {
    expect(await refused(...args)).toBe(`error: the command ${args[0]} is not in this version\n`);
  });

  test.each([
    [
      ['query', 'a', '--output', 'https://host/out'],
      'outputs of this kind are written to the local disk, not to https://host/out',
    ],
    [
      ['generate', 's3://bucket/out', '--rows', '10'],
      'outputs of this kind are written to the local disk, not to s3://bucket/out',
    ],
    [
      ['crossmatch', 'a', 'b', '--radius', '1', '--how', 'outer'],
      '--how outer is not in this version: only inner and left are',
    ],
  ])('%j', async (args, message) => {
    expect(await refused(...args)).toBe(`error: ${message}\n`);
  });
});
