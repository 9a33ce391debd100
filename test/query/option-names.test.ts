/** Every public method with options refuses those that it does not have, and takes those that it has. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Catalog,
  CrosshatchError,
  close,
  configureRemote,
  fromTable,
  generateCatalog,
  openCatalog,
  openCatalogInfo,
  plotLightCurve,
  plotPartitions,
  readSkyMap,
  type SkyMap,
  writeMarginCatalog,
} from '../../index.ts';
import { makeCatalog, skyTable } from './make-catalog.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
const rows = [{ id: 1, ra: 10, dec: 5, tag: null, mag: 18 }];
const spec = { kind: 'gaia', rows: 10, seed: 1, rowsPerPartition: 10 } as const;

let sky: Catalog;
let nested: Catalog;
let map: SkyMap;

beforeAll(async () => {
  await makeCatalog(temp('sky'), rows, { name: 'sky' });
  sky = await openCatalog(temp('sky'));
  nested = sky.crossmatchNested(sky, { radiusArcsec: 1, name: 'lc' });
  map = await sky.skymap({ order: 2, workers: 1 });
});
afterAll(() => close());

/** Callers without a type checker may give anything. */
// biome-ignore lint/suspicious/noExplicitAny: what no method is declared to take
type Anything = any;

/** The error of a call, whether it throws, rejects or ends an iteration. */
async function errorOf(call: () => Anything): Promise<unknown> {
  try {
    const made = await call();
    if (typeof made?.next === 'function') await made.next();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function refusal(call: () => Anything): Promise<{ what: string; hint: string }> {
  const error = await errorOf(call);
  if (!(error instanceof CrosshatchError)) throw error ?? new Error('nothing was refused');
  expect(error.tag).toBe('request');
  return { what: error.what, hint: error.hint ?? '' };
}

const identity = (row: unknown) => row;
const table = () => fromTable(skyTable(rows), { ra: 'ra', dec: 'dec' });
const curve = { time: [1, 2], mag: [18, 19] };

describe.each<[string, string, string, (options: Anything) => Anything]>([
  ['sortNested', 'decending', 'descending', (o) => nested.sortNested('lc', 'mag', o)],
  ['explode', 'prefixes', 'prefix', (o) => nested.explode('lc', o)],
  ['crossmatch', 'radius', 'radiusArcsec', (o) => sky.crossmatch(sky, o)],
  ['crossmatchNested', 'neighbours', 'neighbors', (o) => sky.crossmatchNested(sky, o)],
  ['join', 'within', 'withinArcsec', (o) => sky.join(sky, o)],
  ['joinNested', 'left_on', 'leftOn', (o) => sky.joinNested(sky, o)],
  ['mergeAsof', 'tolerence', 'tolerance', (o) => sky.mergeAsof(sky, o)],
  ['mapRows', 'return', 'returns', (o) => sky.mapRows(identity, o)],
  ['forEach', 'onerror', 'onError', (o) => sky.forEach(identity, o)],
  ['mapPartitions', 'column', 'columns', (o) => sky.mapPartitions(identity, o)],
  ['count', 'worker', 'workers', (o) => sky.count(o)],
  ['run', 'maxCost', 'maxCostDollars', (o) => sky.run(o)],
  ['collect', 'memory', 'memoryBytes', (o) => sky.collect(o)],
  ['batches', 'singal', 'signal', (o) => sky.batches(o)],
  ['writeHats', 'margin', 'marginArcsec', (o) => sky.writeHats(temp('hats'), o)],
  ['writeParquet', 'overwite', 'overwrite', (o) => sky.writeParquet(temp('a.parquet'), o)],
  ['writeCsv', 'overwite', 'overwrite', (o) => sky.writeCsv(temp('a.csv'), o)],
  ['writeArrow', 'overwite', 'overwrite', (o) => sky.writeArrow(temp('a.arrow'), o)],
  ['skymap', 'oder', 'order', (o) => sky.skymap(o)],
  ['aggregate', 'yb', 'by', (o) => sky.aggregate({ n: 'count(*)' }, o)],
  ['histogram', 'bin', 'bins', (o) => sky.histogram('mag', o)],
  ['explain', 'cloumns', 'columns', (o) => sky.explain(o)],
  ['map of explain', 'valeu', 'value', (o) => sky.explain({ map: o })],
  ['openCatalog', 'margins', 'margin', (o) => openCatalog(temp('sky'), o)],
  ['openCatalogInfo', 'template', 'pathTemplate', (o) => openCatalogInfo(temp('sky'), o)],
  ['fromTable', 'nmae', 'name', (o) => fromTable(skyTable(rows), o)],
  ['writeHats', 'rows', 'rowsPerPartition', (o) => table().writeHats(temp('from-table'), o)],
  ['open', 'dropinvalid', 'dropInvalid', (o) => table().open(o)],
  ['generateCatalog', 'marginArcesc', 'marginArcsec', (o) => generateCatalog(temp('g'), spec, o)],
  ['the spec of generateCatalog', 'sead', 'seed', (o) => generateCatalog(temp('g'), o)],
  ['writeMarginCatalog', 'nam', 'name', (o) => writeMarginCatalog(temp('sky'), temp('m'), 1, o)],
  ['mollview', 'colourPalette', 'palette', (o) => map.mollview(temp('a.png'), o)],
  ['orthview', 'halfsky', 'halfSky', (o) => map.orthview(temp('a.png'), o)],
  ['gnomview', 'size', 'sizeDegrees', (o) => map.gnomview(temp('a.png'), o)],
  ['cartview', 'longitude', 'longitudeRange', (o) => map.cartview(temp('a.png'), o)],
  ['plotLightCurve', 'peroid', 'period', (o) => plotLightCurve(curve, temp('a.png'), o)],
  [
    'plotPartitions',
    'titel',
    'title',
    (o) => plotPartitions(sky.describe() as Anything, temp('a.png'), o),
  ],
  ['readSkyMap', 'columns', 'column', (o) => readSkyMap(temp('none.fits'), o)],
  ['configureRemote', 'spoolLimit', 'spoolLimitBytes', (o) => configureRemote(o)],
])('%s', (method, slip, meant, call) => {
  test(`has no ${slip}`, async () => {
    const before = readdirSync(temp());
    const { what, hint } = await refusal(() => call({ [slip]: 1 }));
    expect(what).toBe(`${method} has no option "${slip}": did you mean "${meant}"?`);
    expect(hint).toMatch(new RegExp(`^Options: .*\\b${meant}\\b.*\\.$`));
    expect(readdirSync(temp())).toEqual(before);
  });

  test('takes every option that it lists, and undefined for it', async () => {
    const { hint } = await refusal(() => call({ [slip]: 1 }));
    const names = hint.replace(/^Options: |\.$/g, '').split(', ');
    const all = Object.fromEntries(names.map((name) => [name, undefined]));
    // Nothing needs to be run for this.
    if ('signal' in all) Object.assign(all, { signal: AbortSignal.abort() });
    expect(String(await errorOf(() => call(all)))).not.toMatch(/has no option|not an object/);
  });

  test.each([[null], ['id'], [1], [['id']]])('is not given %j', async (options) => {
    const { what } = await refusal(() => call(options));
    expect(what).toBe(`the options of ${method} are not an object`);
  });
});

test('a name like no other is refused without a guess', async () => {
  const options: Anything = { on: 'id', xyz: undefined };
  expect(await refusal(() => sky.join(sky, options))).toEqual({
    what: 'join has no option "xyz"',
    hint: 'Options: on, leftOn, rightOn, how, withinArcsec, suffixes, suffixMethod, nested, through.',
  });
});

test('options of other methods are refused', async () => {
  const suffixes = ['_a', '_b'];
  const wrong: [string, string, () => Anything][] = [
    [
      'crossmatchNested',
      'suffixes',
      () => sky.crossmatchNested(sky, { radiusArcsec: 1, suffixes } as Anything),
    ],
    ['joinNested', 'nested', () => sky.joinNested(sky, { on: 'id', nested: 'lc' } as Anything)],
    ['mollview', 'sizeDegrees', () => map.mollview(temp('a.png'), { sizeDegrees: 5 } as Anything)],
    [
      'generateCatalog',
      'rowsPerPartition',
      () => generateCatalog(temp('g'), spec, { rowsPerPartition: 5 } as Anything),
    ],
    [
      'the spec of generateCatalog',
      'workers',
      () =>
        generateCatalog(temp('g'), {
          ...spec,
          kind: 'ztf',
          counterpartOf: { ...spec, workers: 1 },
        } as Anything),
    ],
    ['collect', 'columns', () => sky.collect({ columns: ['id'] } as Anything)],
  ];
  for (const [method, name, call] of wrong) {
    expect((await refusal(call)).what).toContain(`${method} has no option "${name}"`);
  }
});

test('below user code that says nothing of its columns the message is about options alone', async () => {
  const unsaid = sky.mapRows(identity);
  const options: Anything = { on: 'id', within: 5 };
  expect((await refusal(() => unsaid.join(sky, options))).hint).toMatch(/^Options: [^\n]*$/);
});

test('options that a margin catalog has no use for are refused, not ignored', async () => {
  const options = { rowsPerPartition: 10 } as object;
  await expect(async () =>
    writeMarginCatalog(temp('sky'), temp('m'), 1, options),
  ).rejects.toMatchObject({ what: 'writeMarginCatalog has no option "rowsPerPartition"' });
});
