import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../engine/expression/expression.ts';
import { parseTree } from '../../engine/expression/parse.ts';
import { printTree } from '../../engine/expression/print.ts';
import { COLUMNS, refusal } from './expression-columns.ts';

const METHODS =
  'Of the methods of pandas only isna() and notna() are supported; for others write a function: contains(x, y).';

/** Text, what is wrong, the character it is found at, and the hint. */
const CASES: readonly (readonly [text: string, what: string, at: number, hint?: string])[] = [
  [
    'pmm > 10',
    'unknown column pmm',
    1,
    'Did you mean pm? Columns: ra, dec, pm, mag, flags, bits, ccd, source_id, … (23 in all)',
  ],
  [
    '`nope` > 1',
    'unknown column nope',
    1,
    'Columns: ra, dec, pm, mag, flags, bits, ccd, source_id, … (23 in all)',
  ],
  ['a.b > 1', 'unknown column a', 1, 'For the column write `a.b`.'],
  [
    'band == "g"',
    '"g" is ambiguous: a text, or the column of that name',
    9,
    "Write 'g' for the text, `g` for the column.",
  ],
  [
    '"RA" > 10',
    '"RA" is ambiguous: a text, or the column of that name',
    1,
    "Write 'RA' for the text, `RA` for the column.",
  ],
  [
    'end > 1',
    'end stands where a value is expected',
    1,
    'For the column of that name write `end`.',
  ],
  [
    'lc.magg > 1',
    'there is no field magg',
    4,
    'Did you mean mag? Fields: mjd, mag, my mag, flag, inner_',
  ],
  ['ra.x > 1', 'ra is DOUBLE and has no fields', 4],
  ["band.str.contains('x')", 'band is VARCHAR and has no fields', 6, METHODS],
  ['lc.len() > 1', 'the method len() is not supported', 4, METHODS],
  [
    'len(lc) > 1',
    'len(lc) of a nested column is not supported',
    1,
    'Count one of its lists: len(lc.<field>).',
  ],
  [
    'mean(lc.mag) > 1',
    'mean() is an aggregate over rows or list elements, and an expression sees one row at a time',
    1,
    'Over the elements of a list there are len(lc), and of a field count(lc.mag), sum, mean, min, max, median, first, last, std, var, any and all.',
  ],
  [
    'max(ra, dec) > 1',
    'max() is an aggregate over rows, and an expression sees one row at a time',
    1,
    'For the smallest or largest of several values write least(a, b) or greatest(a, b).',
  ],
  [
    'log(ra) > 1',
    'log() is ambiguous: base 10 in SQL, natural in Python',
    1,
    'Write ln(x) or log10(x).',
  ],
  ['sqrtt(ra) > 1', 'there is no function sqrtt() in expressions', 1, 'Did you mean sqrt?'],
  [
    'ra ^ 2 > 1',
    '^ is ambiguous: a power in SQL, exclusive or in Python',
    4,
    'Write x ** y or xor(x, y).',
  ],
  ['abs(ra) > 1 && ok', '&& is not an operator here', 13, 'Write and, or &.'],
  ['!ok', '! is not an operator here', 1, 'Write not, or != for unequal.'],
  [
    'flags & 4 > 0',
    '& between a whole number and a condition',
    7,
    'It binds looser than comparisons; for bits write parentheses: (flags & 4) > 0.',
  ],
  [
    '~ra > 5',
    '~ needs a condition or a whole number',
    1,
    'Put parentheses around the condition: ~(x > 1).',
  ],
  ['ra == nan', 'nothing equals nan', 7, 'Write isnan(x) or not isnan(x).'],
  [
    'ra is nan',
    'NULL, TRUE, FALSE or DISTINCT FROM is expected after IS',
    7,
    'Write isnan(x) or not isnan(x).',
  ],
  ['ra != None', 'nothing equals None', 7, 'Write x is null or x is not null.'],
  ['(ra + 1).isna()', 'isna() needs a column before it', 10, 'Write x is null or isnan(x).'],
  [
    'values[0] > 1',
    'lists start at element 1',
    7,
    'Write [1] for the first element, [-1] for the last.',
  ],
  [
    'ra > 1 is null',
    'comparisons of different kinds in a row',
    8,
    'Put parentheses around one of them.',
  ],
  [
    'ra is null = ok',
    'comparisons of different kinds in a row',
    4,
    'Put parentheses around one of them.',
  ],
  [
    'ra in values',
    'IN needs a list of values in parentheses',
    7,
    'For a list column write list_contains(column, x).',
  ],
  ['ra in ()', 'the list after IN is empty', 7],
  ['ra > (1', 'the expression ends where ) to close the parenthesis is expected', 8],
  ['ra > 1)', 'this parenthesis closes nothing', 7],
  ['(ra, dec) > 1', 'a list of values can only follow IN', 1],
  ['ra >', 'the expression ends where a value is expected', 5],
  ['ra dec', 'dec stands where an operator or the end is expected', 4],
  ["band = 'r", 'the text that starts here has no end', 8],
  ['`ra > 1', 'the column name in backticks that starts here has no end', 1],
  ['12ab > ra', 'a number cannot be followed by a letter: 12a', 1],
  ['ra > 1e999', 'the number 1e999 is out of range', 6],
  ['ra ≥ 1', 'unexpected character ≥', 4],
  ['ra[1:2] > 1', 'a colon is not supported: neither slices nor lambda functions are', 5],
  ['nullif(ra) > 1', 'nullif() takes two values', 1],
  [
    'ra::foo > 1',
    'unknown type foo',
    5,
    'Types: boolean, integer, bigint, float, double, decimal(w, s), varchar, date, timestamp, interval.',
  ],
];

describe('refused, with the place and what to do', () => {
  test.each(CASES.map(([text, what, at, hint]) => ({ text, what, at, hint })))(
    '$text',
    async ({ text, what, at, hint }) => {
      const message = `${what} (character ${at} of the expression ${text})`;
      const whole = hint === undefined ? message : `${message}\n${hint}`;
      expect(await refusal(() => parseExpression(text, COLUMNS))).toBe(whole);
    },
  );

  test.each(['', ' \n'])('nothing: %j', async (text) => {
    expect(await refusal(() => parseExpression(text, COLUMNS))).toBe('the expression is empty');
  });

  test('what would end a text early or cannot be encoded', async () => {
    expect(await refusal(() => parseExpression('ra > 1\0', COLUMNS))).toBe(
      'a zero byte is not allowed in an expression (character 7 of the expression ra > 1 )',
    );
    expect(await refusal(() => parseExpression("band = '\ud800'", COLUMNS))).toMatch(
      /^the expression is not valid Unicode /,
    );
  });

  test('what is not a text', async () => {
    expect(await refusal(() => parseExpression(5 as never, COLUMNS))).toBe(
      'an expression must be a text',
    );
  });

  test.each(['(', 'not ', '- ', '~', 'case when ', 'abs(', '2 ** ', '['])(
    'what would exhaust the stack: %s',
    async (opening) => {
      const message = await refusal(() => parseExpression(`${opening.repeat(5000)}ok`, COLUMNS));
      expect(message).toMatch(
        /^the expression is nested more than 100 levels deep \(character \d+ of the expression ….*…\)$/,
      );
    },
  );

  test('nothing but request errors, whatever is typed', () => {
    const piece = fc.constantFrom(
      ...'( ) [ ] , . + - * / % = == < > & | ~ ! ^ :: -> and or not in is null like'.split(' '),
      ...'case when then end between as ra lc abs( cast( ** // select from double 1 1.5'.split(' '),
      ...["'t'", '"g"', '`x`', '"t"', 'flags', 'ok'],
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.string({ maxLength: 3 }),
        (pieces, tail) => {
          let sql: string;
          try {
            sql = parseExpression(pieces.join(' ') + tail, COLUMNS).sql;
          } catch (error) {
            expect(error).toMatchObject({ tag: 'request' });
            return;
          }
          expect(printTree(parseTree(sql, COLUMNS, 'column'))).toBe(sql);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
