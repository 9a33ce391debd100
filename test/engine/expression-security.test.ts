import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkExpression,
  type Expression,
  parseExpression,
} from '../../engine/expression/expression.ts';
import { FUNCTIONS } from '../../engine/expression/functions.ts';
import { checkFunctions } from '../../engine/expression/purity.ts';
import { checkNodes } from '../../engine/expression/whitelist.ts';
import { openTestSession, type TestSession } from './duckdb-for-tests.ts';
import { COLUMNS, refusal } from './expression-columns.ts';

let session: TestSession;

beforeAll(async () => {
  session = await openTestSession();
  await session.run('CREATE SEQUENCE numbers');
});

afterAll(() => session.close());

const QUERY = 'are not allowed in an expression';
const FILES = 'is a table function, which an expression may not call';
const PROGRAM = 'looks at the program that runs the expression, which is not allowed';
const CHANCE = 'gives another answer each time, which is not allowed';
const EFFECT = 'has effects besides its answer, which is not allowed';
const STAR = 'a star (all columns) is not supported in an expression';

describe('the parser refuses', () => {
  test.each([
    ["read_text('/etc/hostname') = 'x'", `read_text() ${FILES}`],
    ["read_csv('/etc/passwd')", `read_csv() ${FILES}`],
    ["read_blob('x')", `read_blob() ${FILES}`],
    ["read_parquet('x')", `read_parquet() ${FILES}`],
    ["glob('/etc/*')", `glob() ${FILES}`],
    ["query('select 1')", `query() ${FILES}`],
    ["query_table('t')", `query_table() ${FILES}`],
    ['unnest(values)', `unnest() ${FILES}`],
    ["getenv('HOME') = 'x'", `getenv() ${PROGRAM}`],
    ["current_setting('threads')", `current_setting() ${PROGRAM}`],
    ["getvariable('x')", `getvariable() ${PROGRAM}`],
    ['version()', `version() ${PROGRAM}`],
    ['current_user', `current_user ${PROGRAM}`],
    ['current_user()', `current_user() ${PROGRAM}`],
    ['session_user', `session_user ${PROGRAM}`],
    ['current_database()', `current_database() ${PROGRAM}`],
    ['now()', `now() ${CHANCE}`],
    ['today() > day', `today() ${CHANCE}`],
    ['current_date > day', `current_date ${CHANCE}`],
    ['current_localtimestamp()', `current_localtimestamp() ${CHANCE}`],
    ['age(day)', `age() ${CHANCE}`],
    ['random() < 0.5', `random() ${CHANCE}`],
    ['uuid()', `uuid() ${CHANCE}`],
    ['setseed(0.5)', `setseed() ${CHANCE}`],
    ["nextval('numbers')", `nextval() ${EFFECT}`],
    ["error('x')", `error() ${EFFECT}`],
    ["write_log('x')", `write_log() ${EFFECT}`],
    ['sleep_ms(10)', `sleep_ms() ${EFFECT}`],
    [
      "json_serialize_plan('select 1')",
      'there is no function json_serialize_plan() in expressions',
    ],
    ['pragma_version()', 'there is no function pragma_version() in expressions'],
    ['pg_get_viewdef(1)', 'there is no function pg_get_viewdef() in expressions'],
    ['(select 1) = 1', `subqueries and statements (SELECT) ${QUERY}`],
    ['ra in (select 1)', `subqueries and statements (SELECT) ${QUERY}`],
    ['ra in (from t)', `subqueries and statements (FROM) ${QUERY}`],
    ['exists (select 1)', `subqueries and statements (EXISTS) ${QUERY}`],
    ['not exists(from t)', `subqueries and statements (EXISTS) ${QUERY}`],
    ['array(select 1)', `subqueries and statements (ARRAY) ${QUERY}`],
    ['ra = any(select 1)', `subqueries and statements (SELECT) ${QUERY}`],
    ['abs((select(1)))', `subqueries and statements (SELECT) ${QUERY}`],
    ['(with t as (select 1) select * from t)', `subqueries and statements (WITH) ${QUERY}`],
    ['(table t)', `subqueries and statements (TABLE) ${QUERY}`],
    ["attach 'x.db'", `subqueries and statements (ATTACH) ${QUERY}`],
    ["copy t to 'x'", `subqueries and statements (COPY) ${QUERY}`],
    ['install httpfs', `subqueries and statements (INSTALL) ${QUERY}`],
    ['load httpfs', `subqueries and statements (LOAD) ${QUERY}`],
    ['pragma threads', `subqueries and statements (PRAGMA) ${QUERY}`],
    ['set threads = 2', `subqueries and statements (SET) ${QUERY}`],
    ['create macro f(x) as x', `subqueries and statements (CREATE) ${QUERY}`],
    ['ra > 1; drop table t', 'a semicolon is not allowed'],
    ['ra > 1 -- and more', 'comments (--) are not allowed'],
    ['ra > /* much */ 1', 'comments (/* */) are not allowed'],
    ['ra > ?', 'parameters (?) are not supported'],
    ['ra > $1', 'parameters ($) are not supported'],
    ['ra > :limit', 'parameters (:) are not supported'],
    ['ra > @limit', 'parameters (@) are not supported'],
    ['#1 > 2', 'comments (#) are not allowed'],
    ['* = 1', STAR],
    ['COLUMNS(*) > 1', STAR],
    ['lc.* = 1', STAR],
    ['ra > 1 and abs(*) > 1', STAR],
    ['abs(ra) over () > 1', 'window functions are not supported in an expression'],
    ['row_number() over ()', 'row_number() is a window function, which is not supported'],
    [
      'list_transform(values, v -> v)',
      'list_transform() needs a lambda function, which is not supported',
    ],
    ['abs(ra -> ra)', 'lambda functions (->) are not supported'],
    ['abs(lambda v: v)', 'a colon is not supported: neither slices nor lambda functions are'],
    ['abs(x := 1)', 'named arguments (:=) are not supported'],
    ["{'a': ra}", 'braces are not supported in an expression'],
    ['"abs"(ra) > 1', 'a function name cannot be in quotes'],
    ['system.main.abs(ra)', 'unknown column system'],
    ["band = 'a' collate nocase", 'collate stands where an operator or the end is expected'],
    ['distinct ra', 'DISTINCT is not supported in an expression'],
  ])('%s', async (text, what) => {
    const [first] = (await refusal(() => parseExpression(text, COLUMNS))).split('\n');
    expect(first).toMatch(/ \(character \d+ of the expression .*\)$/);
    expect(first!.replace(/ \(character \d+ of the expression .*\)$/, '')).toBe(what);
  });
});

describe('the walk over DuckDB’s own parse refuses', () => {
  test.each([
    ['(SELECT 1)', 'a subquery'],
    ['"ra" IN (SELECT 1)', 'a subquery'],
    ['EXISTS (SELECT 1)', 'a subquery'],
    ['array(SELECT 1)', 'a subquery'],
    ["abs((SELECT length(content) FROM read_text('/etc/hostname')))", 'a subquery'],
    ['CASE WHEN (SELECT true) THEN 1 END', 'a subquery'],
    ['CASE WHEN true THEN 1 ELSE (SELECT 1) END', 'a subquery'],
    ['CAST((SELECT 1) AS INTEGER)', 'a subquery'],
    ['"ra"[(SELECT 1)]', 'a subquery'],
    ['*', 'a star'],
    ['COLUMNS(*)', 'a star'],
    ['row_number() OVER ()', 'a window function'],
    ['sum("ra") OVER (ORDER BY "ra")', 'a window function'],
    ['list_filter([1], v -> v > 0)', 'a lambda function'],
    ['list_filter([1], lambda v: v > 0)', 'a lambda function'],
    ['$1', 'SQL with named param map'],
    ['?', 'SQL with named param map'],
    ['#1', 'a positional reference'],
    ["'a' COLLATE nocase", 'a collation'],
    ['"other"', 'the name other'],
    ['current_user', 'the name current_user'],
    ['"t"."ra"', 'the name t.ra'],
    ['"ra" AS x', 'SQL with alias'],
    ['"ra", "dec"', 'a list of expressions'],
    ['"ra" FROM t', 'a query'],
    ['"ra" FROM read_text(\'x\')', 'a query'],
    ['1 WHERE true', 'SQL with where clause'],
    ['1 GROUP BY ALL', 'grouping'],
    ['1 ORDER BY 1', 'SQL with modifiers'],
    ['1 LIMIT 1', 'SQL with modifiers'],
    ['DISTINCT 1', 'SQL with modifiers'],
    ['1 UNION SELECT 2', 'SQL with setop type'],
    ['1; SELECT 2', 'more than one statement'],
    ['sum(DISTINCT "ra")', 'SQL with distinct'],
    ['sum("ra") FILTER (WHERE true)', 'SQL with filter'],
    ['list("ra" ORDER BY "dec")', 'SQL with orders'],
    ['other.abs(1)', 'a schema'],
    ['"ra" BETWEEN 1 AND 2', 'SQL of the kind COMPARE_BETWEEN'],
    ['TRY(1)', 'SQL of the kind OPERATOR_TRY'],
    ['unnest([1])', null],
  ])('%s', async (sql, what) => {
    const names = COLUMNS.map(({ name }) => name);
    if (what === null) {
      const functions = await checkNodes(sql, names, session);
      expect(await refusal(() => checkFunctions(functions, session))).toMatch(
        /unnest\(\) is not allowed/,
      );
      return;
    }
    expect(await refusal(() => checkNodes(sql, names, session))).toBe(
      `${what} is not allowed in an expression (expression ${sql})`,
    );
  });

  test('SQL that is no query', async () => {
    expect(await refusal(() => checkNodes('1 +', [], session))).toBe(
      'the expression is not valid SQL (expression 1 +)',
    );
  });
});

describe('functions', () => {
  test('on the list are scalar and consistent in this DuckDB, and called by their name', async () => {
    for (const name of FUNCTIONS) {
      expect(await checkNodes(`${name}("ra")`, ['ra'], session)).toEqual([name]);
    }
    await checkFunctions([...FUNCTIONS], session);
  });

  test('that a macro has replaced are refused', async () => {
    const other = await openTestSession();
    await other.run('CREATE MACRO sqrt(x) AS random()');
    const expression = parseExpression('sqrt(ra) > 1', COLUMNS);
    expect(await refusal(() => checkExpression(expression, COLUMNS, other, 'boolean'))).toBe(
      'the function sqrt() is not a plain function in this version of DuckDB',
    );
    other.close();
  });

  test('off the list are refused by the walk too', async () => {
    for (const name of ['random', 'getenv', 'current_setting', 'sum', 'nextval']) {
      expect(await refusal(() => checkFunctions([name], session))).toBe(
        `the function ${name}() is not allowed in an expression`,
      );
    }
  });
});

describe('an expression made by hand', () => {
  function made(sql: string): Expression {
    return { text: 'harmless', sql, columns: [], uses: [] };
  }

  test.each([
    ["(SELECT content FROM read_text('/etc/hostname')) = 'x'"],
    ['"ra" > 1; DROP TABLE t'],
    ['random() > 1'],
    ['"nope" > 1'],
  ])('is parsed again: %s', async (sql) => {
    const before = session.asked.length;
    await refusal(() => checkExpression(made(sql), COLUMNS, session, 'any'));
    expect(session.asked.slice(before)).toEqual([]);
  });

  test('cannot bring SQL in the type of a column', async () => {
    const type = "INTEGER) AS c0, (SELECT content FROM read_text('/etc/hostname')";
    const columns = [{ name: 'ra', type }];
    const before = session.asked.length;
    await refusal(() => checkExpression(made('"ra" = 1'), columns, session, 'any'));
    // Only DuckDB's parser has seen it.
    expect(
      session.asked.slice(before).every((sql) => sql.startsWith('SELECT json_serialize_sql(')),
    ).toBe(true);
  });
});
