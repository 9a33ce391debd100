/** Collections, and what a catalog tells of where it came from. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type FinishOptions,
  finishCatalog,
  finishCollection,
  leafPath,
  marginName,
  memberName,
} from '../../catalogs/finish-catalog.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { provenanceProperties } from '../../catalogs/provenance.ts';
import { VERSION } from '../../catalogs/version.ts';
import { finishOptions, propertiesOf } from './finish-fixture.ts';
import { COLUMNS, PARTITIONS, temporaryFolder, writeLeaf, writeLeaves } from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await remove();
});

const options = (changes: Partial<FinishOptions> = {}) => finishOptions(dir, changes);

describe('a collection', () => {
  async function makeMember(name: string, changes: Partial<FinishOptions>): Promise<void> {
    const member = path.join(dir, name);
    const { partitions = PARTITIONS } = changes;
    await writeLeaves(member, partitions);
    await finishCatalog(options({ dir: member, name, ...changes }));
  }

  test('opens with its primary and its default margin', async () => {
    vi.stubEnv('SOURCE_DATE_EPOCH', '1700000000');
    await makeMember('stars', { extraProperties: { obs_title: 'Stars', hats_order_note: 'x' } });
    const margins = [
      { name: marginName('stars', 10), thresholdArcsec: 10, partitions: PARTITIONS.slice(0, 2) },
      { name: marginName('stars', 0.5), thresholdArcsec: 0.5, partitions: [] },
    ];
    for (const { name, thresholdArcsec: marginThresholdArcsec, partitions } of margins) {
      const margin = { type: 'margin', map: undefined, primary: 'stars' } as const;
      await makeMember(name, { ...margin, marginThresholdArcsec, partitions });
    }
    await finishCollection({ dir, name: 'my stars', primary: 'stars', margins });
    const sizes = await Promise.all(
      ['stars', 'stars_10arcs', 'stars_500msec'].map(async (name) =>
        Number((await propertiesOf(path.join(dir, name))).hats_estsize),
      ),
    );
    expect(await readFile(path.join(dir, 'collection.properties'), 'utf8')).toBe(
      `#HATS Collection
obs_collection=my_stars
hats_primary_table_url=stars
all_margins=stars_10arcs stars_500msec
default_margin=stars_10arcs
moc_sky_fraction=0.067708
obs_title=Stars
hats_builder=crosshatch ${VERSION}
hats_creation_date=2023-11-14T22:13UTC
hats_release_date=2025-08-22
hats_version=v1.0
hats_estsize=${sizes[0]! + sizes[1]! + sizes[2]!}
`,
    );
    const info = await openCatalogInfo(dir);
    expect(info.name).toBe('stars');
    expect(info.marginsAvailable.map((margin) => margin.name)).toEqual([
      'stars_10arcs',
      'stars_500msec',
    ]);
    expect(info.margin).toMatchObject({ name: 'stars_10arcs', thresholdArcsec: 10 });
    expect(info.margin!.catalog.partitions).toHaveLength(2);
    const empty = await openCatalogInfo(dir, { margin: 'stars_500msec' });
    expect(empty.margin!.catalog.partitions).toEqual([]);
    expect(empty.margin!.catalog.columns).toEqual(COLUMNS);
  });

  test('refuses names that its list cannot hold, and members that are not there', async () => {
    const facts = { dir, name: 'x', primary: 'my stars', margins: [] };
    await expect(finishCollection(facts)).rejects.toThrow("'my stars' cannot be listed");
    await expect(finishCollection({ ...facts, primary: 'stars' })).rejects.toThrow('not finished');
    await expect(
      finishCollection({ ...facts, primary: 'stars', defaultMargin: 'other' }),
    ).rejects.toThrow("the default margin 'other' is not a margin");
  });

  test('names its members as the reference does', () => {
    expect(memberName('my bright, stars')).toBe('my_bright_stars');
    const thresholds = [0.5, 1, 5.5, 59.9, 60, 150, 3600, 7200];
    expect(thresholds.map((arcsec) => marginName('g', arcsec))).toEqual(
      ['500msec', '1arcs', '5arcs', '59arcs', '1arcmin', '2arcmin', '1deg', '2deg'].map(
        (angle) => `g_${angle}`,
      ),
    );
  });
});

describe('provenance', () => {
  test('survives the properties file, whatever an expression holds', async () => {
    const expressions = ["name LIKE 'a\\_%' = true", ' x > 1\n  and y', 'größe != 2'];
    const extraProperties = provenanceProperties({
      inputs: ['/data/my gaia', 's3://bucket/ztf'],
      radiusArcsec: 1.5,
      expressions,
      facts: { neighbors: 'all', keepUnmatched: true },
    });
    await writeLeaf(path.join(dir, leafPath(PARTITIONS[0]!.pixel)), PARTITIONS[0]!);
    await finishCatalog(
      options({ partitions: PARTITIONS.slice(0, 1), map: undefined, extraProperties }),
    );
    const found = await propertiesOf(dir);
    expect(Object.entries(found).filter(([key]) => key.startsWith('crosshatch_'))).toEqual([
      ['crosshatch_version', VERSION],
      ['crosshatch_input_1', '/data/my gaia'],
      ['crosshatch_input_2', 's3://bucket/ztf'],
      ['crosshatch_radius_arcsec', '1.5'],
      ['crosshatch_expression_1', expressions[0]],
      ['crosshatch_expression_2', expressions[1]],
      ['crosshatch_expression_3', expressions[2]],
      ['crosshatch_keep_unmatched', 'true'],
      ['crosshatch_neighbors', 'all'],
    ]);
  });

  test('tells nobody how to get at the inputs', () => {
    const inputs = [
      'https://user:secret@example.org/gaia?X-Amz-Signature=abc#part',
      's3://bucket/a@b/ztf',
      '/data/a?b#c',
    ];
    expect(Object.values(provenanceProperties({ inputs, version: '1' }))).toEqual([
      '1',
      'https://example.org/gaia',
      's3://bucket/a@b/ztf',
      '/data/a?b#c',
    ]);
  });
});
