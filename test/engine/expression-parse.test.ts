import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  mapColumns,
  parseExpression,
  quoteName,
  quoteText,
  renameColumns,
} from '../../engine/expression/expression.ts';
import { structFields } from '../../engine/expression/fields.ts';
import { parseTree } from '../../engine/expression/parse.ts';
import { printTree } from '../../engine/expression/print.ts';
import { nearestNames } from '../../partitioning/nearest-names.ts';
import { COLUMNS, refusal } from './expression-columns.ts';
import { twinCondition } from './expression-twin.ts';

function sqlOf(text: string): string {
  return parseExpression(text, COLUMNS).sql;
}

test('an expression is frozen plain data', () => {
  const expression = parseExpression('pm > 10 & ra < dec', COLUMNS);
  expect(expression).toEqual({
    text: 'pm > 10 & ra < dec',
    sql: '"pm" > 10 AND "ra" < "dec"',
    columns: ['pm', 'ra', 'dec'],
    uses: [{ column: 'pm' }, { column: 'ra' }, { column: 'dec' }],
  });
  expect(Object.isFrozen(expression) && Object.isFrozen(expression.columns)).toBe(true);
  expect(JSON.parse(JSON.stringify(expression))).toEqual(expression);
});

describe('sugar', () => {
  test.each([
    ['ra > 1 & dec < 2', '"ra" > 1 AND "dec" < 2'],
    ['ra > 1 | dec < 2 & pm == 3', '"ra" > 1 OR "dec" < 2 AND "pm" = 3'],
    ['(ra > 1 | dec < 2) & pm == 3', '("ra" > 1 OR "dec" < 2) AND "pm" = 3'],
    ['ra > 1 AND Dec < 2 oR nOt ok', '"ra" > 1 AND "dec" < 2 OR NOT "ok"'],
    ['~ok', 'NOT "ok"'],
    ['~(ra > 1) & ok', 'NOT ("ra" > 1) AND "ok"'],
    ['not ra > 1 & ok', 'NOT ("ra" > 1) AND "ok"'],
    ['pm == 3', '"pm" = 3'],
    ['pm <> 3', '"pm" != 3'],
    ['1 < pm < 5', '1 < "pm" AND "pm" < 5'],
    ['1 < pm == ra >= dec', '1 < "pm" AND "pm" = "ra" AND "ra" >= "dec"'],
    ['`proper motion` > 1', '"proper motion" > 1'],
    ['`say "hi"` > 1', '"say ""hi""" > 1'],
    ['`a.b` > 1', '"a.b" > 1'],
    ['`end` > 1', '"end" > 1'],
    ['band == "r"', `"band" = 'r'`],
    [`band in ["r", 'it''s']`, `"band" IN ('r', 'it''s')`],
    ['band not in ("r")', `"band" NOT IN ('r')`],
    ['pm between 1 and 5 and ok', '"pm" >= 1 AND "pm" <= 5 AND "ok"'],
    ['pm not between 1 and 5', 'NOT ("pm" >= 1 AND "pm" <= 5)'],
    ['pm is None or pm is not null', '"pm" IS NULL OR "pm" IS NOT NULL'],
    ['ok is true', '"ok" IS NOT DISTINCT FROM TRUE'],
    ['ok is not false', 'NOT ("ok" IS NOT DISTINCT FROM FALSE)'],
    ['pm is distinct from ra', '"pm" IS DISTINCT FROM "ra"'],
    ['pm.isna()', '"pm" IS NULL OR isnan("pm")'],
    ['~mag.isnull()', 'NOT ("mag" IS NULL OR isnan("mag"))'],
    ['source_id.notna()', '"source_id" IS NOT NULL'],
    ['pm < inf', `"pm" < CAST('inf' AS DOUBLE)`],
    ['(flags & 4) > 0', '("flags" & 4) > 0'],
    ['(flags | bits) == ~flags', '("flags" | "bits") = ~"flags"'],
    ['(lc.flag & 4) == 4', `(struct_extract("lc", 'flag') & 4) = 4`],
    ['arctan2(ra, dec) > 0', 'atan2("ra", "dec") > 0'],
    ['nullif(pm, 0) > 1', 'CASE WHEN "pm" = 0 THEN NULL ELSE "pm" END > 1'],
    ['ifnull(pm, 0) > 1', 'coalesce("pm", 0) > 1'],
    ['case flags when 1 then 2 end > 1', 'CASE WHEN "flags" = 1 THEN 2 END > 1'],
    ['case when ok then 1 else 2 end > 1', 'CASE WHEN "ok" THEN 1 ELSE 2 END > 1'],
    ["band like 'a%' escape '!'", `"band" LIKE 'a%' ESCAPE '!'`],
    ["band not ilike 'a%'", `"band" NOT ILIKE 'a%'`],
  ])('%s', (text, sql) => {
    expect(sqlOf(text)).toBe(sql);
  });

  test('brackets around a list mean what parentheses do', () => {
    expect(sqlOf('flags in [1, 2]')).toBe(sqlOf('flags in (1, 2)'));
  });
});

describe('names', () => {
  test.each([
    ['PM > 1', '"pm" > 1'],
    ['pmra > 1', '"PMRA" > 1'],
    ['x > X', '"x" > "X"'],
    ['`Proper Motion` > 1', '"proper motion" > 1'],
    ['values[1] > 2', '"values"[1] > 2'],
    ['lc.mag[1] > 2', `struct_extract("lc", 'mag')[1] > 2`],
    ['LC.MAG[1] > 2', `struct_extract("lc", 'mag')[1] > 2`],
    ['lc.`my mag` > 2', `struct_extract("lc", 'my mag') > 2`],
    ['lc."my mag" > 2', `struct_extract("lc", 'my mag') > 2`],
    ['lc.inner_.z > 2', `struct_extract(struct_extract("lc", 'inner_'), 'z') > 2`],
    ['len(lc.mjd) > 2', `len(struct_extract("lc", 'mjd')) > 2`],
  ])('%s', (text, sql) => {
    expect(sqlOf(text)).toBe(sql);
  });

  test('letter case alone cannot choose between columns', async () => {
    const columns = [
      { name: 'Mag', type: 'DOUBLE' },
      { name: 'MAG', type: 'DOUBLE' },
    ];
    expect(parseExpression('MAG > 1', columns).columns).toEqual(['MAG']);
    expect(await refusal(() => parseExpression('mag > 1', columns))).toBe(
      'mag could be any of the columns Mag, MAG (character 1 of the expression mag > 1)\n' +
        'Write the name with its exact upper and lower case.',
    );
  });

  test('can be changed in printed SQL, texts left alone', () => {
    const expression = parseExpression(`band == 'pm "pm"' & pm > 1 & \`say "hi"\` > pm`, COLUMNS);
    const renamed = renameColumns(expression, (name) => `${name}_gaia`);
    expect(renamed.sql).toBe(
      `"band_gaia" = 'pm "pm"' AND "pm_gaia" > 1 AND "say ""hi""_gaia" > "pm_gaia"`,
    );
    expect(renamed.columns).toEqual(['band_gaia', 'pm_gaia', 'say "hi"_gaia']);
    expect(mapColumns(renamed.sql, (name) => `l.${quoteName(name)}`)).toContain('l."pm_gaia" > 1');
  });

  test('nearest names come best first, then in schema order', () => {
    expect(nearestNames('pmr', ['ra', 'PMRA', 'pm', 'dec'])).toEqual(['PMRA', 'pm']);
    expect(nearestNames('mga', ['mag', 'ma'])).toEqual(['mag', 'ma']);
    expect(nearestNames('q', ['a', 'b'])).toEqual([]);
  });

  test('fields are read out of type texts', () => {
    expect(
      structFields(
        'STRUCT(mjd DOUBLE[], "my ""mag"", (2)" DECIMAL(9,2), s STRUCT(a ENUM(\'x,y\'), b INTEGER))',
      ),
    ).toEqual([
      { name: 'mjd', type: 'DOUBLE[]' },
      { name: 'my "mag", (2)', type: 'DECIMAL(9,2)' },
      { name: 's', type: "STRUCT(a ENUM('x,y'), b INTEGER)" },
    ]);
    expect(structFields('STRUCT(a INTEGER)[]')).toBeUndefined();
    expect(structFields('DOUBLE')).toBeUndefined();
  });
});

describe('constants', () => {
  test.each([
    ['ra > 1_000', '"ra" > 1000'],
    ['ra > 0x1F', '"ra" > 31'],
    ['ra > .5', '"ra" > .5'],
    ['ra > 1E5', '"ra" > 1e5'],
    ['ra > 007', '"ra" > 7'],
    ['ra > -1', '"ra" > -1'],
    ['ra > - - 1', '"ra" > -(-1)'],
    ['source_id > 9223372036854775807', '"source_id" > 9223372036854775807'],
    ['ra > 340282366920938463463374607431768211456', '"ra" > 3.402823669209385e+38'],
    ["day > DATE '2020-01-01'", `"day" > CAST('2020-01-01' AS DATE)`],
    ['ra::float > 1', 'CAST("ra" AS FLOAT) > 1'],
    ['try_cast(band as decimal(9, 2)) > 1', 'TRY_CAST("band" AS DECIMAL(9, 2)) > 1'],
    ['ra::double precision > 1', 'CAST("ra" AS DOUBLE) > 1'],
    ["band = 'two\nlines'", `"band" = 'two\nlines'`],
  ])('%s', (text, sql) => {
    expect(sqlOf(text)).toBe(sql);
  });

  test('quotes survive', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const clean = text.replaceAll('\0', '');
        const parsed = parseTree(quoteText(clean), [], 'as-typed');
        expect(parsed).toEqual({ kind: 'text', value: clean });
        const columns = [{ name: clean, type: 'DOUBLE' }];
        expect(parseTree(quoteName(clean), columns, 'column')).toEqual({
          kind: 'column',
          name: clean,
        });
      }),
    );
  });
});

describe('printed SQL', () => {
  test('means the same when it is read again', () => {
    const types = { x: 'DOUBLE', y: 'DOUBLE', f: 'FLOAT', i: 'INTEGER', b: 'BIGINT', k: 'BOOLEAN' };
    const columns = Object.entries(types).map(([name, type]) => ({ name, type }));
    fc.assert(
      fc.property(twinCondition, (twin) => {
        const { sql } = parseExpression(twin.text, columns);
        expect(printTree(parseTree(sql, columns, 'column'))).toBe(sql);
      }),
    );
  });
});
