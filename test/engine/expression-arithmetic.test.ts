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

/** The value of an expression without columns. */
async function constantValue(text: string): Promise<unknown> {
  const { sql } = await check(text, 'any');
  return (await session.rows(`SELECT (${sql}) AS v`))[0]!.v;
}

describe('precedence and arithmetic', () => {
  test.each([
    ['2 + 3 * 4', 14n],
    ['10 - 4 - 3', 3n],
    ['10 - (4 - 3)', 9n],
    ['2 * (3 + 4)', 14n],
    ['100 / 10 / 2', 5],
    ['100 / (10 / 2)', 20],
    ['-2 ** 2', -4],
    ['(-2) ** 2', 4],
    ['2 ** 3 ** 2', 512],
    ['2 ** -1', 0.5],
    ['- - 3', 3],
    ['7 // 2 * 2', 6n],
    ['-7 // 2', -4n],
    ['7 // -2', -4n],
    ['-7 % 3', 2n],
    ['7 % -3', -2n],
    ['-7.5 % 3', 1.5],
    ['-7.5 // 2', -4],
    ['-10.0 % 360', 350],
    ['7 // 0', null],
    ['7 % 0', null],
    ['1 / 0', Number.POSITIVE_INFINITY],
    ['0 / 0', Number.NaN],
    ['5 & 4', 4],
    ['4 | 1 & 5', 5],
    ['~5', -6],
    ['1 + 2 < 4', true],
    ['1 | 2 == 3', undefined],
    ['not true or true', true],
    ['not (true or true)', false],
    ['true or false and false', true],
    ['(true or false) and false', false],
    ['1 < 2 < 3', true],
    ['3 > 2 > 2', false],
    ['not 1 == 2', true],
    ['1 in (1, 2) and not 3 in (1, 2)', true],
    ['null in (1, 2)', null],
    ['0.1 + 0.2 == 0.3', false],
    ["'a' || 'b' == 'ab'", true],
    ["'a' || 'b' like 'a%'", true],
    ['2000000000 + 2000000000', 4000000000n],
    ['3000000 * 3000000', 9000000000000n],
    ['case when null then 1 else 2 end', 2],
    ['nullif(1, 1.0)', null],
    ['1.5 in (1, 1.5)', true],
  ])('%s', async (text, value) => {
    if (value === undefined) {
      expect(await refusal(() => check(text, 'any'))).toMatch(
        /^\| between a whole number and a condition/,
      );
    } else {
      expect(await constantValue(text)).toEqual(value);
    }
  });

  test('unsigned and narrow columns neither wrap nor overflow', async () => {
    await session.run(
      'CREATE OR REPLACE TABLE narrow AS SELECT 250::UTINYINT AS bits, 30000::SMALLINT AS ccd, ' +
        '18446744073709551615::UBIGINT AS huge, 2147483647::INTEGER AS flags, 16777216::FLOAT AS mag',
    );
    const cases: [string, unknown][] = [
      ['-bits', -250n],
      ['bits - 255', -5n],
      ['bits + bits', 500n],
      ['ccd * ccd', 900000000n],
      ['-huge < 0', true],
      ['huge - 1 - huge == -1', true],
      ['flags + 1', 2147483648n],
      ['flags * flags', 2147483647n ** 2n],
      ['-ccd % 7 == 2', true],
      ['-bits // 100', -3n],
      ['bits // 100', 2n],
      ['mag == flags - 2130706431', true],
      ['mag == flags - 2130706430', false],
    ];
    for (const [text, value] of cases) {
      const { sql } = await check(text, 'any');
      expect([text, (await session.rows(`SELECT (${sql}) AS v FROM narrow`))[0]!.v]).toEqual([
        text,
        value,
      ]);
    }
  });

  test('single precision is compared with whole numbers exactly', async () => {
    await session.run(
      'CREATE OR REPLACE TABLE exact AS SELECT 16777216::FLOAT AS mag, 16777217::INTEGER AS flags',
    );
    for (const [text, value] of [
      ['mag == flags', false],
      ['mag < flags', true],
      ['flags > mag', true],
      ['mag < 16777217', true],
      ['mag in (16777217)', false],
      ['mag in (16777216)', true],
    ] as const) {
      const { sql } = await check(text);
      expect([text, (await session.rows(`SELECT (${sql}) AS v FROM exact`))[0]!.v]).toEqual([
        text,
        value,
      ]);
    }
  });
});

describe('functions outside their domain', () => {
  const EXTREMES = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    -0,
    1,
    -1,
    0.5,
    2,
    -2,
    1.5,
    1e308,
    -1e308,
    5e-324,
    null,
  ];
  const asSql = (n: number | null): string =>
    n === null ? 'NULL' : `'${Object.is(n, -0) ? '-0' : n}'::DOUBLE`;

  const TWINS: Readonly<Record<string, (n: number) => number>> = {
    sqrt: Math.sqrt,
    ln: Math.log,
    log10: Math.log10,
    log2: Math.log2,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    acosh: Math.acosh,
    asinh: Math.asinh,
    atanh: Math.atanh,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    sinh: Math.sinh,
    cosh: Math.cosh,
    tanh: Math.tanh,
    exp: Math.exp,
    cbrt: Math.cbrt,
    floor: Math.floor,
    ceil: Math.ceil,
    trunc: Math.trunc,
    abs: Math.abs,
    cot: (n) => (n === 0 ? Number.POSITIVE_INFINITY : 1 / Math.tan(n)),
  };

  function relativeError(found: unknown, wanted: number): number {
    return Math.abs((found as number) - wanted) / Math.max(Math.abs(wanted), 1e-300);
  }

  test('give NaN or an infinity, as numpy does', async () => {
    await session.run(
      `CREATE OR REPLACE TABLE extreme AS SELECT * FROM (VALUES ${EXTREMES.map((n, i) => `(${i}, ${asSql(n)})`).join(', ')}) AS t(n, x)`,
    );
    for (const [name, twin] of Object.entries(TWINS)) {
      const { sql } = await check(`${name}(x)`, 'any');
      const rows = await session.rows(`SELECT (${sql}) AS v FROM extreme ORDER BY n`);
      rows.forEach(({ v }, i) => {
        const input = EXTREMES[i]!;
        const label = `${name}(${input})`;
        if (input === null) expect([label, v]).toEqual([label, null]);
        else if (Number.isFinite(twin(input)))
          expect(relativeError(v, twin(input)), label).toBeLessThan(1e-12);
        else expect([label, v]).toEqual([label, twin(input)]);
      });
    }
  });

  test('gamma, degrees, round and powers never fail', async () => {
    for (const text of [
      'gamma(x)',
      'lgamma(x)',
      'degrees(x)',
      'radians(x)',
      'round(x, 2)',
      'x ** x',
      'even(x)',
      'sign(x)',
      'nextafter(x, 1)',
      'atan2(x, x)',
      'mod(x, x)',
      'x // x',
      'x % x',
      'signbit(x)',
      'greatest(x, 1)',
    ]) {
      const { sql } = await check(text, 'any');
      await expect(session.rows(`SELECT (${sql}) AS v FROM extreme`), text).resolves.toHaveLength(
        EXTREMES.length,
      );
    }
  });
});
