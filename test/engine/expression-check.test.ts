import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkExpression, parseExpression } from '../../engine/expression/expression.ts';
import { openTestSession, type TestSession } from './duckdb-for-tests.ts';
import { COLUMNS, refusal } from './expression-columns.ts';

let session: TestSession;

beforeAll(async () => {
  session = await openTestSession();
});

afterAll(() => session.close());

function check(text: string, want: 'boolean' | 'any' = 'boolean') {
  return checkExpression(parseExpression(text, COLUMNS), COLUMNS, session, want);
}

test('the answer is plain data', async () => {
  const checked = await check('pm > 10');
  expect(checked).toEqual({
    sql: '"pm" > 10 AND NOT isnan("pm")',
    type: 'BOOLEAN',
    inputs: [{ name: 'pm', column: 'pm' }],
  });
  expect(structuredClone(checked)).toEqual(checked);
  expect((await check('sqrt(pm) + 1', 'any')).type).toBe('DOUBLE');
  expect((await check('lc', 'any')).type).toMatch(/^STRUCT\(/);
});

describe('SQL to run', () => {
  test.each([
    ['10 < pm', '"pm" > 10 AND NOT isnan("pm")'],
    ['1 < pm < 5', '"pm" > 1 AND NOT isnan("pm") AND "pm" < 5'],
    ['pm between 1 and 5', '"pm" >= 1 AND NOT isnan("pm") AND "pm" <= 5'],
    ['pm != 3', '"pm" != 3 OR isnan("pm")'],
    ['not pm > 3', 'NOT ("pm" > 3 AND NOT isnan("pm"))'],
    ['pm in (1, 2.5)', '"pm" IN (1, 2.5e0) AND NOT isnan("pm")'],
    ['pm not in (1)', 'NOT ("pm" IN (1) AND NOT isnan("pm"))'],
    [
      'pm < ra',
      '"pm" < "ra" AND NOT (isnan("pm") AND "ra" IS NOT NULL) AND NOT (isnan("ra") AND "pm" IS NOT NULL)',
    ],
    ['pm > source_id', '"pm" > "source_id" AND NOT (isnan("pm") AND "source_id" IS NOT NULL)'],
    ['pm is distinct from 3', '"pm" IS DISTINCT FROM 3 OR coalesce(isnan("pm"), FALSE)'],
    ['mag > 10.5', '"mag" > CAST(10.5e0 AS FLOAT) AND NOT isnan("mag")'],
    ['mag >= 17.3', '"mag" > CAST(17.299999237060547e0 AS FLOAT) AND NOT isnan("mag")'],
    ['mag < 17.3', '"mag" < CAST(17.30000114440918e0 AS FLOAT) AND NOT isnan("mag")'],
    ['mag == 17.3', '"mag" = 17.3e0 AND NOT isnan("mag")'],
    ['mag > 16777217', '"mag" > CAST(16777216e0 AS FLOAT) AND NOT isnan("mag")'],
    [
      'mag < flags',
      'CAST("mag" AS DOUBLE) < "flags" AND NOT (isnan("mag") AND "flags" IS NOT NULL)',
    ],
    ['source_id > 1.5', '"source_id" > 1'],
    ['source_id <= -1.5', '"source_id" < -1'],
    ['source_id >= 1e5', '"source_id" >= 100000'],
    ['source_id in (1.0, 2)', '"source_id" = 1 OR "source_id" = 2'],
    ['source_id in (1, 2)', '"source_id" IN (1, 2)'],
    ['price > 1.5', '"price" > 1.5'],
    ["band == 'r'", `"band" = 'r'`],
    ['ok', '"ok"'],
    ['ccd * 1000 > 5', 'CAST("ccd" AS BIGINT) * 1000 > 5'],
    ['huge - 1 > 5', 'CAST("huge" AS HUGEINT) - 1 > 5'],
    [
      'x > X',
      '"x" > "X" AND NOT (isnan("x") AND "X" IS NOT NULL) AND NOT (isnan("X") AND "x" IS NOT NULL)',
    ],
  ])('%s', async (text, sql) => {
    expect((await check(text)).sql).toBe(sql);
  });
});

describe('refused when types are known', () => {
  test.each([
    [
      'pm',
      'a filter must be true or false, but this is DOUBLE (expression pm)\nCompare it with something, for example x > 0.',
    ],
    [
      'pm and ok',
      'and needs conditions, but "pm" is DOUBLE (expression pm and ok)\nCompare it with something, for example "pm" != 0.',
    ],
    [
      'not flags',
      'not needs conditions, but "flags" is INTEGER (expression not flags)\nCompare it with something, for example "flags" != 0.',
    ],
    [
      'case when pm then 1 end > 0',
      'when needs conditions, but "pm" is DOUBLE (expression case when pm then 1 end > 0)\n' +
        'Compare it with something, for example "pm" != 0.',
    ],
    [
      'band > 5',
      '"band" is a text and cannot be compared with the number 5 (expression band > 5)\n' +
        'Write numbers as texts in quotes, or cast: x::double.',
    ],
    [
      "pm in (1, '2')",
      `'2' is a text and cannot be compared with the number "pm", which is DOUBLE (expression pm in (1, '2'))\n` +
        'Write numbers without quotes.',
    ],
    [
      'lc.mag > 20',
      `a comparison needs single values, but struct_extract("lc", 'mag') is FLOAT[] (expression lc.mag > 20)\n` +
        'Compare one element or field of it.',
    ],
    [
      'pm == [1, 2]',
      'a comparison needs single values, but [1, 2] is INTEGER[] (expression pm == [1, 2])\n' +
        'For one of several values write x in (1, 2).',
    ],
    [
      'day > 5',
      'Cannot compare values of type DATE and type INTEGER_LITERAL - an explicit cast is required (expression day > 5)',
    ],
    [
      "day > 'soon'",
      `invalid date field format: "soon", expected format is (YYYY-MM-DD) (expression day > 'soon')`,
    ],
    [
      "pm > cast('1O' as double)",
      `Could not convert string '1O' to DOUBLE (expression pm > cast('1O' as double))`,
    ],
    [
      'abs(band) > 1',
      "No function matches the given name and argument types 'abs(VARCHAR)'. " +
        'You might need to add explicit type casts. (expression abs(band) > 1)',
    ],
  ])('%s', async (text, message) => {
    expect(await refusal(() => check(text))).toBe(message);
  });

  test('what grows out of bounds', async () => {
    const text = `${'sqrt('.repeat(12)}pm % ra${')'.repeat(12)} > 1`;
    expect(await refusal(() => check(text))).toMatch(
      /^the expression becomes too large .*\nSplit it/,
    );
  });
});

test('letter case alone separates columns', async () => {
  const columns = [
    { name: 'Mag', type: 'DOUBLE' },
    { name: 'MAG', type: 'VARCHAR' },
  ];
  const { sql } = await checkExpression(
    parseExpression("Mag > 1 and MAG = 'r'", columns),
    columns,
    session,
    'boolean',
  );
  expect(sql).toBe(`"Mag" > 1 AND NOT isnan("Mag") AND "MAG" = 'r'`);
});
