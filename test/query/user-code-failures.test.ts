/** User code that fails, never returns, takes everything or ends its thread; and code that no worker could run. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, type CrosshatchError, close } from '../../index.ts';
import { tempFolder } from './temp-folder.ts';
import { fromModule, openUser, USER_ROWS, writeUserCatalog } from './user-catalog.ts';

const temp = tempFolder();
let user: Catalog;
beforeAll(async () => {
  await writeUserCatalog(temp());
  user = await openUser(temp());
});
afterAll(() => close());

/** As little memory as a run can be given: what code takes beyond it shows soon. */
const SETTINGS = { workers: 1, memoryBytes: 2 ** 28 } as const;
const V = { columns: ['n'], returns: { v: 'double' } } as const;

/** The pool goes on after whatever happened to its threads. */
async function isWell(): Promise<void> {
  const query = user.mapRows(({ n }: { n: number }) => ({ v: n }), V);
  expect(await query.query('v >= 0').count(SETTINGS)).toBe(USER_ROWS);
}

async function failureOf(query: Catalog, settings: object = {}): Promise<CrosshatchError> {
  return query.count({ ...SETTINGS, ...settings }).then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error as CrosshatchError,
  );
}

describe('code that fails ends the run, and says where', () => {
  const WHERE = /^pixel \d+\/\d+, row \d+, id 11529215\d+$/;
  const GO_ON = "Set onError to 'skip' or 'collect' to go on without such rows.";

  test('by throwing: with its own stack', async () => {
    const error = await failureOf(user.query('n = 3').mapRows(fromModule('flaky'), V));
    expect(error).toMatchObject({
      tag: 'user',
      what: 'flaky of user-functions.ts failed on a row of user: it threw RangeError: no 3',
      where: expect.stringMatching(WHERE),
      hint: GO_ON,
    });
    expect(error.stack).toMatch(/^RangeError: no 3\n.*flaky .*user-functions\.ts:\d+/);
  });

  test('by rejecting', async () => {
    const error = await failureOf(user.query('n = 8').mapRows(fromModule('flaky'), V));
    expect(error.what).toBe('flaky of user-functions.ts failed on a row of user: it threw a text');
  });

  test.each([
    ['a number', () => 3, 'it returned 3, not an object of columns'],
    ['an array', () => [1], 'it returned a value of the kind Array, not an object of columns'],
    ['a date', () => new Date(0), 'it returned a value of the kind Date, not an object of columns'],
    ['a map', () => new Map(), 'it returned a value of the kind Map, not an object of columns'],
    [
      'another column',
      () => ({ v: 1, w: 2 }),
      'it returned w, which is none of the columns so far (v)',
    ],
    ['a text', () => ({ v: '1' }), "v is the text '1', which is no DOUBLE"],
    ['a bigint', () => ({ v: 1n }), 'v is the bigint 1n, which is no DOUBLE'],
    ['an object', () => ({ v: {} }), 'v is a value of the kind Object, which is no DOUBLE'],
    ['a list', () => ({ v: [1] }), 'v is a value of the kind Array, which is no DOUBLE'],
  ])('by returning %s', async (_name, fn, what) => {
    const error = await failureOf(user.mapRows(fn, V));
    expect(error.what).toBe(`the function failed on a row of user: ${what}`);
    expect(error.where).toMatch(WHERE);
  });

  test.each([
    ['integer', () => ({ v: 1.5 }), 'v is 1.5, which is no INTEGER'],
    ['integer', () => ({ v: 2 ** 31 }), 'v is 2147483648, which is no INTEGER'],
    [
      'bigint',
      () => ({ v: 2n ** 63n }),
      'v is the bigint 9223372036854775808n, which is no BIGINT',
    ],
    ['bigint', () => ({ v: 2 ** 53 }), 'v is 9007199254740992, which is no BIGINT'],
    ['ubigint', () => ({ v: -1n }), 'v is the bigint -1n, which is no UBIGINT'],
    ['ubigint', () => ({ v: -1 }), 'v is -1, which is no UBIGINT'],
    ['boolean', () => ({ v: 1 }), 'v is 1, which is no BOOLEAN'],
    ['double[]', () => ({ v: [1, '2'] }), "v is the text '2', which is no DOUBLE[]"],
    ['integer[]', () => ({ v: Float64Array.of(0.5) }), 'v is 0.5, which is no INTEGER[]'],
  ])('by returning what is no %s', async (type, fn, what) => {
    const error = await failureOf(user.mapRows(fn, { returns: { v: type } }));
    expect(error.what).toBe(`the function failed on a row of user: ${what}`);
  });

  test('by returning, at the first rows, what no column can hold', async () => {
    const error = await failureOf(user.mapRows(() => ({ v: new Map() })));
    expect(error.what).toBe(
      'the function failed on a row of user: v is a value of the kind Map: columns are made of numbers, bigints, texts, booleans and arrays of these',
    );
  });
});

describe('code that does not end', () => {
  test.each(['forever', 'neverSettles'])('%s: stopped by the time limit of a row', async (name) => {
    const query = user.mapRows(fromModule(name), { ...V, rowTimeoutSeconds: 0.2 });
    expect(await failureOf(query)).toMatchObject({
      tag: 'user',
      what: 'user code took more than 0.2 s for one row',
      where: expect.stringMatching(/^cell \d+\/\d+.*, row 0, id 11529215\d+$/),
      hint: 'Raise rowTimeoutSeconds, or look at what the code does with that row.',
    });
  });

  test.each(['forever', 'neverSettles'])('%s: stopped by an abort', async (name) => {
    const query = user.mapRows(fromModule(name), V);
    const error = await failureOf(query, { signal: AbortSignal.timeout(200) });
    expect(error.tag).toBe('aborted');
  });

  test('so is a setup', async () => {
    const query = user.mapRows(brokenSetup, { ...V, constants: { how: 'never' } });
    const error = await failureOf(query, { signal: AbortSignal.timeout(200) });
    expect(error.tag).toBe('aborted');
    await isWell();
  });
});

const brokenSetup = { module: new URL('./user-setups.ts', import.meta.url), export: 'value' };

test('code that ends its thread', async () => {
  expect(await failureOf(user.mapRows(fromModule('exit'), V))).toMatchObject({
    tag: 'worker',
    what: expect.stringMatching(/^a worker thread died 3 times: /),
    hint: 'The user code may have ended it (process.exit) or filled its memory: raise --memory, or look at what the code does there.',
  });
  await isWell();
});

test('code that takes more memory than there is', async () => {
  expect(await failureOf(user.limit(1).mapRows(fromModule('hog'), V))).toMatchObject({
    tag: 'user',
    what: expect.stringMatching(
      /^user code needs too much memory: the process has \d\.\d GB of at most \d\.\d GB$/,
    ),
    hint: 'Raise --memory (memoryBytes) if the code needs it, or lower --workers.',
  });
  await isWell();
});

describe('code that cannot be loaded', () => {
  test.each(['throws', 'rejects'])('a setup that %s', async (how) => {
    const error = await failureOf(user.mapRows(brokenSetup, { ...V, constants: { how } }));
    expect(error).toMatchObject({ tag: 'user', what: 'setup() threw TypeError: no model' });
    expect(error.where).toMatch(/user-setups\.ts$/);
    expect(error.stack).toMatch(/user-setups\.ts:\d+/);
  });

  test('a module that is not there, and an export', async () => {
    const gone = { module: new URL('./gone.ts', import.meta.url), export: 'f' };
    const error = await failureOf(user.mapRows(gone, V));
    expect(error.tag).toBe('user');
    expect(error.what).toMatch(
      /^the module cannot be loaded: Error: Cannot find module .*gone\.ts/,
    );
    const [first, second] = await Promise.all(
      ['gone', 'noFunction'].map((name) => failureOf(user.mapRows(fromModule(name), V))),
    );
    expect(first).toMatchObject({
      tag: 'user',
      what: 'the module has no function "gone"',
      hint: expect.stringMatching(/^It exports .*flaky, .*thread/),
    });
    expect(second!.what).toBe('the module has no function "noFunction"');
  });
});

describe('refused before anything is run', () => {
  const outer = 2;
  const HOW = /Pass values with constants: \{ … \}/;

  test('functions that need something from around them', () => {
    const times = ({ n }: { n: number }) => ({ v: n * outer });
    expect(() => user.mapRows(times)).toThrow(
      'the function times uses outer from around it, which a worker does not have',
    );
    expect(() => user.mapRows(times)).toThrow(HOW);
  });

  test('functions without a text of their own', () => {
    const methods = { twice: ({ n }: { n: number }) => ({ v: 2 * n }), short() {} };
    for (const [fn, name] of [
      [methods.twice.bind(null), 'bound twice'],
      [methods.short, 'short'],
      [Math.abs, 'abs'],
    ] as const) {
      expect(() => user.mapRows(fn as () => unknown)).toThrow(
        `the text of the function ${name} cannot be taken to a worker`,
      );
    }
  });

  test('what is no function of rows', () => {
    class Classifier {}
    function* many() {}
    expect(() => user.mapRows(Classifier as never)).toThrow('Classifier is a class, which cannot');
    expect(() => user.mapRows(many)).toThrow(
      'many is a generator, which cannot be called on a row',
    );
    expect(() => user.mapRows('f' as never)).toThrow(
      'user code is neither a function nor { module, export }',
    );
    expect(() => user.mapRows({ module: './classify.ts' })).toThrow(
      'the module "./classify.ts" is a path that depends on where it is looked for\nGive a URL: new URL(path, import.meta.url).',
    );
  });

  test('constants, types, names and policies that mean nothing', () => {
    const fn = () => ({ v: 1 });
    expect(() => user.mapRows(fn, { constants: { f: () => 1 } })).toThrow(
      /^the constants cannot be copied to another thread: /,
    );
    expect(() => user.mapRows(fn, { returns: { v: 'complex' } })).toThrow(
      'v is returned as "complex", which is no type of user code\nTypes: double, float, integer, bigint, ubigint, boolean, string, each with [] for an array.',
    );
    expect(() => user.mapRows(fn, { returns: { N: 'double' } })).toThrow(
      'user code returns "N", and there is a column "n" already\nReturn it under another name.',
    );
    expect(() => user.mapRows(fn, { returns: { '': 'double' } })).toThrow(
      'a returned column needs a name',
    );
    expect(() => user.mapRows(fn, { onError: 'ignore' as never })).toThrow(
      'onError "ignore" is not one of fail, skip, collect',
    );
    expect(() => user.mapRows(fn, { rowTimeoutSeconds: 0 })).toThrow(
      'rowTimeoutSeconds 0 is not a positive time',
    );
    expect(() => user.mapRows(fn, { columns: ['lc.magg'] })).toThrow('lc has no field "magg"');
  });
});
