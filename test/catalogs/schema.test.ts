import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Field, Float64, RecordBatchStreamWriter, Schema, Utf8 } from 'apache-arrow';
import type { SchemaElement } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldNameText } from '../../catalogs/duckdb-type.ts';
import { readFooter } from '../../catalogs/parquet-footer.ts';
import { parquetSchemaOf } from '../../catalogs/parquet-schema.ts';
import type { Column } from '../../catalogs/types.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { query, temporaryFolder } from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterAll(() => remove());

/** Writes the rows of a SELECT; returns our columns and what DuckDB says of the file. */
async function bothSchemas(
  select: string,
  options = '',
): Promise<[ours: Column[], theirs: Column[]]> {
  const file = path.join(dir, 'schema.parquet');
  await query(`COPY (${select}) TO '${file}' (FORMAT parquet${options})`);
  return [[...(await readFooter(file)).schema], await described(file)];
}

async function described(file: string): Promise<Column[]> {
  const rows = await query(
    `DESCRIBE SELECT * FROM read_parquet('${file}', hive_partitioning = false)`,
  );
  return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
}

describe('types are those DuckDB reads', () => {
  test('of scalar columns', async () => {
    const types = [
      'BOOLEAN TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT FLOAT DOUBLE',
      'VARCHAR BLOB DATE TIME TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS TIMESTAMPTZ TIMETZ',
      'UUID JSON INTERVAL HUGEINT BIT DECIMAL(4,1) DECIMAL(9,2) DECIMAL(18,3) DECIMAL(38,10)',
      "ENUM('a','b') GEOMETRY",
    ].flatMap((line) => line.split(/ /));
    const columns = types.map((type, i) => `NULL::${type} AS c${i}`);
    const [ours, theirs] = await bothSchemas(`SELECT ${columns.join(', ')}`);
    expect(ours).toHaveLength(types.length);
    expect(ours).toEqual(theirs);
  });

  test.each(['V1', 'V2'])('of nested columns, Parquet %s', async (version) => {
    const [ours, theirs] = await bothSchemas(
      `SELECT
        [1.5::DOUBLE] AS list, [[1::BIGINT]] AS lists, [1::FLOAT, 2]::FLOAT[2] AS pair,
        {'mjd': [1.5::DOUBLE], 'time': ['g'], 'a b': [1::TINYINT], 'q"q': 1} AS lc,
        [{'hmjd': 1.5::DOUBLE, 'n': [1::USMALLINT]}] AS points,
        MAP {'k': 1} AS map, MAP {1::BIGINT: {'x': [1.5::FLOAT]}} AS maps,
        {'x': {'y': 1}} AS deep, [NULL] AS nulls, {'one': 1} AS one, 5 AS "sources.id"`,
      `, PARQUET_VERSION ${version}`,
    );
    expect(ours).toEqual(theirs);
    expect(ours.find((column) => column.name === 'lc')?.type).toBe(
      'STRUCT(mjd DOUBLE[], "time" VARCHAR[], "a b" TINYINT[], "q""q" INTEGER)',
    );
  });

  test('names are quoted like DuckDB quotes them, all of its keywords included', async () => {
    const keywords = await query('SELECT DISTINCT keyword_name AS name FROM duckdb_keywords()');
    const names = keywords.map((row) => String(row.name));
    expect(names.length).toBeGreaterThan(400);
    names.push('ra', 'Mag', '_x', 'x1', '1x', 'x-y', 'x.y', 'é', 'date', 'SELECT', "it's", 'a"b');
    const sql = names.map((name) => `NULL::STRUCT("${name.replaceAll('"', '""')}" INT)`);
    const [ours, theirs] = await bothSchemas(`SELECT ${sql.map((s, i) => `${s} AS c${i}`)}`);
    expect(ours).toEqual(theirs);
    expect(fieldNameText('date')).toBe('date');
    expect(fieldNameText('TIME')).toBe('"TIME"');
  });
});

describe('layouts that DuckDB does not write', () => {
  const root = { name: 'root', num_children: 1 } as SchemaElement;
  const int = (name: string, repetition_type: SchemaElement['repetition_type'] = 'OPTIONAL') =>
    ({ name, type: 'INT32', repetition_type }) as SchemaElement;
  const group = (name: string, count: number, rest: Partial<SchemaElement> = {}) =>
    ({ name, num_children: count, repetition_type: 'OPTIONAL', ...rest }) as SchemaElement;
  const repeated = { repetition_type: 'REPEATED' } as const;
  const list = { converted_type: 'LIST' } as const;

  test.each<[what: string, elements: SchemaElement[], type: string, names: string[]]>([
    ['a bare repeated field', [int('a', 'REPEATED')], 'INTEGER[]', ['a']],
    ['a two-level list', [group('a', 1, list), int('array', 'REPEATED')], 'INTEGER[]', ['a']],
    [
      'a three-level list with old names',
      [group('a', 1, list), group('bag', 1, repeated), int('array_element')],
      'INTEGER[]',
      ['a'],
    ],
    [
      'a list by logical type only',
      [
        group('a', 1, { logical_type: { type: 'LIST' } }),
        group('list', 1, repeated),
        int('element'),
      ],
      'INTEGER[]',
      ['a'],
    ],
    [
      'a two-level list of structs',
      [group('a', 1, list), group('array', 2, repeated), int('x'), int('y')],
      'STRUCT(x INTEGER, y INTEGER)[]',
      ['a.x', 'a.y'],
    ],
    [
      'an old map',
      [
        group('a', 1, { converted_type: 'MAP' }),
        group('map', 2, { ...repeated, converted_type: 'MAP_KEY_VALUE' }),
        int('key', 'REQUIRED'),
        int('value'),
      ],
      'MAP(INTEGER, INTEGER)',
      ['a.key', 'a.value'],
    ],
    ['an old timestamp', [{ name: 'a', type: 'INT96' }], 'TIMESTAMP', ['a']],
    [
      'a half float',
      [{ name: 'a', type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'FLOAT16' } }],
      'FLOAT',
      ['a'],
    ],
    [
      'nulls only',
      [{ name: 'a', type: 'INT32', logical_type: { type: 'NULL' } }],
      'INTEGER',
      ['a'],
    ],
    [
      'nanoseconds of the day',
      [
        {
          name: 'a',
          type: 'INT64',
          logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'NANOS' },
        },
      ],
      'TIME_NS',
      ['a'],
    ],
    [
      'a decimal in 32 bits',
      [{ name: 'a', type: 'INT32', converted_type: 'DECIMAL', precision: 7, scale: 2 }],
      'DECIMAL(7,2)',
      ['a'],
    ],
  ])('%s', (_, elements, type, names) => {
    const { columns, leaves } = parquetSchemaOf([root, ...elements]);
    expect(columns).toEqual([{ name: 'a', type }]);
    expect(leaves.map((leaf) => leaf.name)).toEqual(names);
  });

  test('a schema that ends too early or has an unknown type is an error', () => {
    expect(() => parquetSchemaOf([root, group('a', 2), int('x')])).toThrow(
      'the schema ends inside a',
    );
    expect(() => parquetSchemaOf([root, { name: 'a' }])).toThrow(
      'the column a has the unknown type',
    );
  });
});

describe('units, descriptions and UCDs', () => {
  const select = `SELECT 1.5::DOUBLE AS ra, 2.5::DOUBLE AS dec, 'g' AS band, {'t': [1.5]} AS lc`;

  async function columnsWith(keyValue: Record<string, string>): Promise<Column[]> {
    const entries = Object.entries(keyValue).map(
      ([key, value]) => `'${key}': '${value.replaceAll("'", "''")}'`,
    );
    const [ours] = await bothSchemas(select, `, KV_METADATA {${entries.join(', ')}}`);
    return ours;
  }

  function arrowSchema(...fields: Field[]): string {
    const writer = new RecordBatchStreamWriter();
    writer.reset(undefined, new Schema(fields));
    writer.finish();
    return Buffer.from(writer.toUint8Array(true)).toString('base64');
  }

  test('come from the fields of an Arrow schema', async () => {
    const notes = { unit: 'deg', description: 'Größe', UCD: 'pos.eq.ra', other: 'x' };
    const columns = await columnsWith({
      'ARROW:schema': arrowSchema(
        new Field('ra', new Float64(), true, new Map(Object.entries(notes))),
        new Field('dec', new Float64(), true, new Map([['units', 'deg']])),
        new Field('band', new Utf8(), true, new Map([['unit', '']])),
        new Field('unknown', new Utf8(), true, new Map([['unit', 'm']])),
      ),
    });
    expect(columns).toEqual([
      { name: 'ra', type: 'DOUBLE', unit: 'deg', description: 'Größe', ucd: 'pos.eq.ra' },
      { name: 'dec', type: 'DOUBLE', unit: 'deg' },
      { name: 'band', type: 'VARCHAR' },
      { name: 'lc', type: 'STRUCT(t DECIMAL(2,1)[])' },
    ]);
  });

  test('are done without where the Arrow schema cannot be read', async () => {
    const columns = await columnsWith({
      'ARROW:schema': Buffer.from('unit and description, but no schema').toString('base64'),
    });
    expect(columns[0]).toEqual({ name: 'ra', type: 'DOUBLE' });
  });

  test('come from the VOTable of VOParquet, nested columns from its groups', async () => {
    const columns = await columnsWith({
      'IVOA.VOTable-Parquet.content': `<?xml version="1.0"?>
<VOTABLE><RESOURCE><TABLE>
  <FIELD ID="ra" datatype="double" name="ra" ucd="pos.eq.ra;meta.main" unit="deg">
    <DESCRIPTION>
      Right &lt;ascension&gt; &amp; &quot;so&quot; &#233;&#xe9;
    </DESCRIPTION>
  </FIELD>
  <FIELD datatype='double' name='dec' unit='km/s'/>
  <FIELD name="band" datatype="char"/>
  <FIELD name="lc.t" datatype="double" unit="d"/>
  <GROUP name="lc"><DESCRIPTION>light
    curve</DESCRIPTION><PARAM name="is_nested_column" value="T"/><FIELDref ref="lc.t"/></GROUP>
</TABLE></RESOURCE></VOTABLE>`,
    });
    expect(columns).toEqual([
      {
        name: 'ra',
        type: 'DOUBLE',
        unit: 'deg',
        ucd: 'pos.eq.ra;meta.main',
        description: 'Right <ascension> & "so" éé',
      },
      { name: 'dec', type: 'DOUBLE', unit: 'km/s' },
      { name: 'band', type: 'VARCHAR' },
      { name: 'lc', type: 'STRUCT(t DECIMAL(2,1)[])', description: 'light curve' },
    ]);
  });
});

describeShared('the schemas of the sample catalogs', () => {
  const root = sharedPath('hats-samples');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(\/_common_metadata|\/_metadata|\.parq(uet)?)$/.test(file),
  );

  test('are those DuckDB reads, file by file', async () => {
    expect(files.length).toBeGreaterThan(250);
    for (const file of files) {
      const ours = (await readFooter(path.join(root, file))).schema;
      expect([file, ours]).toEqual([file, await described(path.join(root, file))]);
    }
  });

  test('include nested columns', async () => {
    const file = path.join(root, 'hats/small_sky_nested/dataset/_common_metadata');
    const lc = (await readFooter(file)).schema.find((column) => column.name === 'lc');
    expect(lc?.type).toMatch(
      /^STRUCT\(source_id BIGINT\[\], source_ra DOUBLE\[\], .* VARCHAR\[\], /,
    );
  });
});
