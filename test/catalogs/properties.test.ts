import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  readCatalogProperties,
  readCollectionProperties,
} from '../../catalogs/catalog-properties.ts';
import {
  formatProperties,
  listOf,
  parseProperties,
  standardKeys,
} from '../../catalogs/properties.ts';

describe('the syntax of properties files', () => {
  test.each([
    ['key=value', { key: 'value' }],
    ['  key = value  ', { key: 'value' }],
    ['key:value', { key: 'value' }],
    ['key value with blanks', { key: 'value with blanks' }],
    ['# comment\n! another\n\n   \nkey=value', { key: 'value' }],
    ['a=1\r\nb=2\r\n', { a: '1', b: '2' }],
    ['a=1\rb=2', { a: '1', b: '2' }],
    ['\uFEFF#HATS catalog\na=1', { a: '1' }],
    ['hats_creation_date=2025-03-20T03\\:38UTC', { hats_creation_date: '2025-03-20T03:38UTC' }],
    ['hats_creation_date=2025-10-06T14:36UTC', { hats_creation_date: '2025-10-06T14:36UTC' }],
    ['url=https://a.org/b?c=d#e', { url: 'https://a.org/b?c=d#e' }],
    ['a\\=b\\:c\\ d=e', { 'a=b:c d': 'e' }],
    ['a=one \\\n   two \\\n   three\nb=x', { a: 'one two three', b: 'x' }],
    ['a=slash\\\\\nb=x', { a: 'slash\\', b: 'x' }],
    ['a=x\\\n# no comment here', { a: 'x# no comment here' }],
    ['a=caf\\u00e9 \\t|\\n', { a: 'café \t|\n' }],
    ['a=Größe', { a: 'Größe' }],
    ['a=1\na=2', { a: '2' }],
    ['a=', { a: '' }],
    ['a', { a: '' }],
    ['a=1\\', { a: '1' }],
  ])('%j', (text, entries) => {
    expect(parseProperties(text)).toEqual(entries);
  });

  test('lists are split at blanks, commas, semicolons and line breaks', () => {
    expect(listOf('ra dec,mag;  id\nlc.mag')).toEqual(['ra', 'dec', 'mag', 'id', 'lc.mag']);
    expect(listOf('a\tb')).toEqual(['a\tb']);
    expect(listOf('')).toEqual([]);
    expect(listOf(undefined)).toEqual([]);
  });

  test('both names of a key are understood, the standard one first', () => {
    const entries = {
      catalog_name: 'a',
      total_rows: '7',
      hats_nrows: '8',
      npix_suffix: '/',
      mine: 'x',
    };
    expect(standardKeys(entries, 'catalog')).toEqual({
      obs_collection: 'a',
      hats_nrows: '8',
      hats_npix_suffix: '/',
      mine: 'x',
    });
    expect(standardKeys({ name: 'a' }, 'collection')).toEqual({ obs_collection: 'a' });
    expect(standardKeys({ name: 'a' }, 'catalog')).toEqual({ name: 'a' });
  });

  test('empty values and the None of empty lists count as absent', () => {
    expect(standardKeys({ hats_nrows: '', all_margins: 'None', a: '0' }, 'collection')).toEqual({
      a: '0',
    });
  });
});

describe('writing properties', () => {
  test('as the reference writes them', () => {
    const text = formatProperties({
      hats_version: 'v1.0',
      hats_creation_date: '2025-10-06T14:36UTC',
      hats_margin_threshold: 7200,
      moc_sky_fraction: 0.08333,
      hats_nrows: 131,
      hats_cols_default: ['ra', 'dec'],
      hats_skymap_alt_orders: [2, 4],
      hats_index_extra_column: [],
      hats_assn_leaf_files: true,
      hats_max_rows: undefined,
      dataproduct_type: 'object',
      obs_collection: 'cat',
    });
    expect(text).toBe(
      [
        '#HATS catalog',
        'obs_collection=cat',
        'dataproduct_type=object',
        'hats_nrows=131',
        'hats_cols_default=ra dec',
        'hats_margin_threshold=7200.0',
        'hats_assn_leaf_files=True',
        'hats_skymap_alt_orders=2 4',
        'moc_sky_fraction=0.08333',
        'hats_version=v1.0',
        'hats_creation_date=2025-10-06T14:36UTC',
        '',
      ].join('\n'),
    );
  });

  test('collections have their own first line and order', () => {
    const text = formatProperties({ default_margin: 'm', obs_collection: 'c' }, 'collection');
    expect(text).toBe('#HATS Collection\nobs_collection=c\ndefault_margin=m\n');
  });

  test.each([
    [1e-7, '1e-07'],
    [8245.167388361773, '8245.167388361773'],
    [0, '0.0'],
  ])('the float %d as Python writes it', (value, text) => {
    expect(formatProperties({ hats_margin_threshold: value })).toContain(
      `hats_margin_threshold=${text}\n`,
    );
  });

  test('refuses a key that could not be read back', () => {
    expect(() => formatProperties({ 'a b': 'c' })).toThrow("'a b' cannot be the key of a property");
  });

  test('what was written reads back', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1 });
    const key = fc.stringMatching(/^[a-z_]{1,12}$/);
    fc.assert(
      fc.property(fc.dictionary(key, value), (entries) => {
        expect(parseProperties(formatProperties(entries))).toEqual({ ...entries });
      }),
    );
  });
});

const OBJECT = 'obs_collection=a\ndataproduct_type=object\nhats_col_ra=ra\nhats_col_dec=dec\n';

describe('the properties of a catalog', () => {
  test('typed, with the defaults of absent keys', () => {
    expect(readCatalogProperties(OBJECT, 'f')).toMatchObject({
      name: 'a',
      type: 'object',
      raColumn: 'ra',
      decColumn: 'dec',
      healpixOrder: 29,
      npixSuffix: '.parquet',
      hasLeafFiles: true,
      skymapAltOrders: [],
    });
    expect(readCatalogProperties(OBJECT, 'f').rows).toBeUndefined();
  });

  test('all keys, under their Python names too', () => {
    const text = [
      'catalog_name=b',
      'catalog_type=association',
      'total_rows=12',
      'default_columns=x, y',
      'healpix_column=hp',
      'healpix_order=13',
      'npix_suffix=/',
      'skymap_alt_orders=4 2 4',
      'primary_catalog=p',
      'primary_column=id',
      'join_catalog=j',
      'join_column=id',
      'contains_leaf_files=no',
    ].join('\n');
    const properties = readCatalogProperties(text, 'f');
    expect(properties).toMatchObject({
      name: 'b',
      type: 'association',
      rows: 12,
      defaultColumns: ['x', 'y'],
      healpixColumn: 'hp',
      healpixOrder: 13,
      npixSuffix: '/',
      skymapAltOrders: [2, 4],
      hasLeafFiles: false,
    });
    expect(properties.all.hats_assn_join_table_url).toBe('j');
  });

  test.each([
    ['', 'obs_collection, dataproduct_type missing from the properties of a catalog (f)'],
    [
      'dataproduct_type=object\nhats_col_ra=ra',
      'obs_collection, hats_col_dec missing from the properties of a catalog of type object (f)',
    ],
    [
      'obs_collection=m\ndataproduct_type=margin',
      'hats_primary_table_url, hats_margin_threshold missing from the properties of a catalog of type margin (f)',
    ],
    [
      'obs_collection=m\ndataproduct_type=table',
      'the properties file is not valid: dataproduct_type is not one of object, source, margin, association, map, index (f)',
    ],
    [
      `${OBJECT}hats_nrows=many\nhats_col_healpix_order=30`,
      'the properties file is not valid: hats_nrows is not a whole number; hats_col_healpix_order is above 29 (f)',
    ],
    [
      `${OBJECT}hats_assn_leaf_files=maybe`,
      'the properties file is not valid: hats_assn_leaf_files is neither true nor false (f)',
    ],
    [
      `${OBJECT}hats_skymap_alt_orders=2 x`,
      'the properties file is not valid: hats_skymap_alt_orders is not a list of orders (f)',
    ],
  ])('%j is refused', (text, message) => {
    expect(() => readCatalogProperties(text, 'f')).toThrow(message);
  });
});

describe('the properties of a collection', () => {
  const PRIMARY = 'obs_collection=c\nhats_primary_table_url=p\n';

  test('members and pairs', () => {
    const text = `${PRIMARY}all_margins=m1 m2\ndefault_margin=m2
all_indexes=id i1, sources.source_id i2\ndefault_index=id\nall_extensions=e e.properties\nextra=1`;
    expect(readCollectionProperties(text, 'f')).toMatchObject({
      name: 'c',
      primary: 'p',
      margins: ['m1', 'm2'],
      defaultMargin: 'm2',
      indexes: { id: 'i1', 'sources.source_id': 'i2' },
      defaultIndex: 'id',
      extensions: { e: 'e.properties' },
      all: { extra: '1' },
    });
  });

  test.each([
    ['obs_collection=c', 'hats_primary_table_url is missing'],
    [`${PRIMARY}default_margin=m`, 'default_margin is not in all_margins'],
    [`${PRIMARY}all_margins=None\ndefault_margin=m`, 'default_margin is not in all_margins'],
    [`${PRIMARY}default_index=id`, 'default_index is not a field of all_indexes'],
    [
      `${PRIMARY}all_indexes=id i1 band`,
      'all_indexes has an odd number of words: it should be pairs of name and path',
    ],
  ])('%j is refused', (text, message) => {
    expect(() => readCollectionProperties(text, 'f')).toThrow(
      `the properties file is not valid: ${message} (f)`,
    );
  });
});
