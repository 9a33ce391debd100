import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CounterpartRule } from '../../engine/generate/counterpart.ts';
import { MAX_SCATTER_ARCSEC, SCATTER_ARCSEC } from '../../engine/generate/objects.ts';
import { planGeneration } from '../../engine/generate/plan.ts';
import { generateCell } from '../../engine/generate/rows.ts';
import type { GenerateSpec } from '../../engine/generate/spec.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import { indexRange } from '../../partitioning/pixel.ts';
import { angularDistance, RADIANS_PER_ARCSEC } from '../../partitioning/sphere.ts';
import { wholeCatalog } from './generated.ts';

const gaia: GenerateSpec = { kind: 'gaia', rows: 60_000, seed: 7, rowsPerPartition: 5000 };
const ztf: GenerateSpec = {
  kind: 'ztf',
  rows: 42_000,
  seed: 11,
  rowsPerPartition: 2000,
  counterpartOf: gaia,
};

const gaiaCatalog = wholeCatalog(gaia);
const ztfCatalog = wholeCatalog(ztf);

const pairs: fc.Arbitrary<GenerateSpec> = fc
  .record({
    stars: fc.integer({ min: 1, max: 2000 }),
    rowsPerStar: fc.double({ min: 0.01, max: 10, noNaN: true }),
    seed: fc.maxSafeNat(),
    rowsPerPartition: fc.integer({ min: 20, max: 2000 }),
    cone: fc.option(
      fc.record({
        ra: fc.double({ min: 0, max: 360, noNaN: true }),
        dec: fc.constantFrom(-90, -41.8, 0, 12.3, 41.81, 89.9999),
        radiusArcsec: fc.constantFrom(1, 10, 600, 36_000),
      }),
      { nil: undefined },
    ),
  })
  .map(({ stars, rowsPerStar, seed, rowsPerPartition, cone }) => ({
    kind: 'ztf' as const,
    rows: Math.max(1, Math.min(2500, Math.floor(stars * rowsPerStar))),
    seed,
    rowsPerPartition,
    counterpartOf: {
      kind: 'gaia' as const,
      rows: stars,
      seed: seed % 1000,
      cone,
      rowsPerPartition: 1,
    },
  }));

describe('who has a counterpart', () => {
  const numbers = fc.record({
    stars: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 1e10 })),
    rowsPerStar: fc.double({ min: 0.001, max: 10, noNaN: true }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test('is a known share, dealt out evenly, and never more than there is room for', () => {
    fc.assert(
      fc.property(numbers, ({ stars, rowsPerStar, at }) => {
        const rows = Math.max(1, Math.floor(stars * rowsPerStar));
        const rule = new CounterpartRule({ ...ztf, rows, counterpartOf: { ...gaia, rows: stars } });
        const count = Math.min(stars, 200);
        const from = Math.floor(at * (stars - count));
        const marks = new Uint8Array(count);
        rule.mark(from, count, marks);
        for (let i = 0; i < count; i++) {
          const room = rule.rowsBefore(from + i + 1) - rule.rowsBefore(from + i);
          const rise = rule.matchedBefore(from + i + 1) - rule.matchedBefore(from + i);
          expect(marks[i]).toBe(rise);
          expect(room).toBeGreaterThanOrEqual(rise);
        }
        expect(BigInt(rule.rowsBefore(from))).toBe((BigInt(from) * BigInt(rows)) / BigInt(stars));
        expect([rule.rowsBefore(0), rule.rowsBefore(stars)]).toEqual([0, rows]);
        expect([rule.matchedBefore(0), rule.matchedBefore(stars)]).toEqual([0, rule.matched]);
        expect(rule.matched).toBe(Math.floor(Math.min(0.7 * stars, 0.9 * rows)));
      }),
    );
  });
});

describe('a counterpart catalog', () => {
  test('has exactly its rows, sorted, inside their cells, indexed by their positions', () => {
    fc.assert(
      fc.property(pairs, (spec) => {
        const plan = planGeneration(spec);
        let total = 0;
        plan.cells.forEach(({ pixel, rows }, i) => {
          const cell = generateCell(spec, plan, i);
          const [index, , ra, dec] = cell.columns.map(({ values }) => values) as [
            BigInt64Array,
            BigInt64Array,
            Float64Array,
            Float64Array,
          ];
          expect(cell.rows).toBe(rows);
          expect(hashPositions(ra, dec, 29)).toEqual(index);
          expect(index.toSorted()).toEqual(index);
          expect(index[0]).toBeGreaterThanOrEqual(indexRange(pixel).start);
          expect(index.at(-1)).toBeLessThan(indexRange(pixel).end);
          total += rows;
        });
        expect(total).toBe(spec.rows);
      }),
      { numRuns: 6 },
    );
  });

  test('is the same however either catalog is cut', () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 20, max: 2000 }), (spec, rowsPerPartition) => {
        const stars = { ...spec.counterpartOf!, rowsPerPartition };
        const other = { ...spec, rowsPerPartition, counterpartOf: stars };
        expect(wholeCatalog(other)).toEqual(wholeCatalog(spec));
      }),
      { numRuns: 6 },
    );
    expect(wholeCatalog({ ...ztf, rowsPerPartition: 1e9 })).toEqual(ztfCatalog);
    expect(wholeCatalog({ ...ztf, rowsPerPartition: 700 })).toEqual(ztfCatalog);
    const cone = { ra: 266.4, dec: -29, radiusArcsec: 20 };
    const crowded = { ...ztf, counterpartOf: { ...gaia, cone } };
    const crowd = wholeCatalog({ ...crowded, rowsPerPartition: 1e9 });
    expect(wholeCatalog({ ...crowded, rowsPerPartition: 1000 })).toEqual(crowd);
  });

  test('stays inside the cone', () => {
    fc.assert(
      fc.property(pairs, (spec) => {
        const { cone } = spec.counterpartOf!;
        fc.pre(cone !== undefined);
        const { ra, dec } = wholeCatalog(spec);
        for (let i = 0; i < spec.rows; i++) {
          const distance = angularDistance(Number(ra![i]), Number(dec![i]), cone.ra, cone.dec);
          expect(distance).toBeLessThanOrEqual(cone.radiusArcsec * RADIANS_PER_ARCSEC);
        }
      }),
      { numRuns: 6 },
    );
  });

  test('changes with its own seed and with that of its stars, which keep their places', () => {
    const { ra, true_id: stars } = ztfCatalog;
    const reseeded = wholeCatalog({ ...ztf, seed: 12 });
    expect(reseeded.ra).not.toEqual(ra);
    const sorted = (ids: unknown) => (ids as BigInt64Array).filter((id) => id >= 0n).toSorted();
    expect(overlap(sorted(reseeded.true_id), sorted(stars))).toBeGreaterThan(0.999);
    const moved = wholeCatalog({ ...ztf, counterpartOf: { ...gaia, seed: 8 } });
    expect(moved.ra).not.toEqual(ra);
  });

  test('has one object per star, for the known share of the stars', () => {
    const { true_id: ids, oid } = ztfCatalog;
    const matched = (ids as BigInt64Array).filter((id) => id >= 0n);
    expect(new Set(matched).size).toBe(matched.length);
    expect(new Set(oid as BigInt64Array).size).toBe(ztf.rows);
    // 63 % of the stars, which are 90 % of the rows; the few that found their atom full go without.
    const { matched: due } = new CounterpartRule(ztf);
    expect(due).toBe(37_800);
    expect(matched.length).toBeLessThanOrEqual(due);
    expect(matched.length).toBeGreaterThan(due * 0.998);
  });

  test('scatters by a Gaussian of 0.1″ on each axis', () => {
    const { east, north } = offsets();
    for (const axis of [east, north]) {
      const mean = axis.reduce((sum, x) => sum + x, 0) / axis.length;
      const variance = axis.reduce((sum, x) => sum + x * x, 0) / axis.length;
      expect(Math.abs(mean)).toBeLessThan(0.002);
      expect(Math.abs(Math.sqrt(variance) / SCATTER_ARCSEC - 1)).toBeLessThan(0.02);
      const within = axis.filter((x) => Math.abs(x) < SCATTER_ARCSEC).length / axis.length;
      expect(Math.abs(within - 0.6827)).toBeLessThan(0.01);
    }
    const farthest = east.reduce((most, x, i) => Math.max(most, Math.hypot(x, north[i]!)), 0);
    expect(farthest).toBeGreaterThan(0.35);
    expect(farthest).toBeLessThan(MAX_SCATTER_ARCSEC + 1e-6);
  });

  test('has true pairs across partition borders', () => {
    const { from, to } = offsets();
    const cells = planGeneration(ztf).cells.map(({ pixel }) => indexRange(pixel));
    const cellOf = (index: bigint) => cells.findIndex(({ end }) => index < end);
    let crossing = 0;
    for (let i = 0; i < from.length; i++) {
      if (from[i] !== to[i] && cellOf(from[i]!) !== cellOf(to[i]!)) crossing++;
    }
    // Chance alone would give less than one.
    expect(crossing).toBeGreaterThan(10);
  });

  test('has sources of its own, some of them next to stars', () => {
    const catalog = ztfCatalog;
    const own = Array.from((catalog.true_id as BigInt64Array).keys()).filter(
      (i) => catalog.true_id![i] === -1n,
    );
    expect(own.length).toBeGreaterThanOrEqual(ztf.rows * 0.1);
    const stars = gaiaCatalog as Record<string, Float64Array>;
    const rows = Array.from(stars.dec!.keys()).sort((a, b) => stars.dec![a]! - stars.dec![b]!);
    const near = own.filter((i) => {
      const dec = Number(catalog.dec![i]);
      const at = rows.findIndex((row) => stars.dec![row]! > dec - 7 / 3600);
      for (let k = at; k >= 0 && k < rows.length; k++) {
        const row = rows[k]!;
        if (stars.dec![row]! > dec + 7 / 3600) return false;
        const ra = Number(catalog.ra![i]);
        const distance = angularDistance(ra, dec, stars.ra![row]!, stars.dec![row]!);
        if (distance < 7 * RADIANS_PER_ARCSEC) return true;
      }
      return false;
    });
    expect(near.length / own.length).toBeGreaterThan(0.15);
    expect(near.length / own.length).toBeLessThan(0.25);
  });

  test('measures plausibly', () => {
    const plan = planGeneration(ztf);
    const { columns } = generateCell(ztf, plan, 0);
    const filters = columns.find(({ name }) => name === 'filtercode')!;
    expect(filters.labels).toEqual(['zg', 'zr', 'zi']);
    const catalog = ztfCatalog as Record<string, Float64Array>;
    for (let i = 0; i < ztf.rows; i++) {
      expect(catalog.fid![i]).toBe(catalog.filtercode![i]! + 1);
      expect(catalog.ngoodobsrel![i]).toBeLessThanOrEqual(catalog.nobs![i]!);
      expect(catalog.ngoodobsrel![i]).toBeGreaterThan(0);
      expect(catalog.minmag![i]).toBeLessThan(catalog.medianmag![i]!);
      expect(catalog.maxmag![i]).toBeGreaterThan(catalog.medianmag![i]!);
      expect(catalog.chisq![i]).toBeGreaterThan(0);
    }
    expect(new Set(catalog.fid)).toEqual(new Set([1, 2, 3]));
    // The columns that exist have a value everywhere.
    for (const { values, nullIfNaN } of columns) {
      expect(nullIfNaN).toBeUndefined();
      expect(Array.from(values as Float64Array, Number).some(Number.isNaN)).toBe(false);
    }
  });
});

describe('a ztf catalog of its own', () => {
  test('has all its rows and belongs to no star', () => {
    const alone: GenerateSpec = { kind: 'ztf', rows: 5000, seed: 3, rowsPerPartition: 700 };
    const { true_id: ids } = wholeCatalog(alone);
    expect(ids).toEqual(new BigInt64Array(5000).fill(-1n));
    expect(wholeCatalog({ ...alone, rowsPerPartition: 1e9 })).toEqual(wholeCatalog(alone));
  });
});

function overlap(a: BigInt64Array, b: BigInt64Array): number {
  const known = new Set(b);
  return a.filter((id) => known.has(id)).length / a.length;
}

/** Every counterpart with its star: offsets in arcseconds, and the spatial index of both. */
function offsets() {
  const stars = gaiaCatalog;
  const rowOf = new Map((stars.true_id as BigInt64Array).entries().map(([row, id]) => [id, row]));
  const objects = ztfCatalog;
  const east: number[] = [];
  const north: number[] = [];
  const from: bigint[] = [];
  const to: bigint[] = [];
  for (const [i, id] of (objects.true_id as BigInt64Array).entries()) {
    if (id < 0n) continue;
    const row = rowOf.get(id)!;
    const dec = Number(stars.dec![row]);
    const turn = ((Number(objects.ra![i]) - Number(stars.ra![row]) + 540) % 360) - 180;
    east.push(turn * Math.cos((dec * Math.PI) / 180) * 3600);
    north.push((Number(objects.dec![i]) - dec) * 3600);
    from.push((stars._healpix_29 as BigInt64Array)[row]!);
    to.push((objects._healpix_29 as BigInt64Array)[i]!);
  }
  return { east, north, from, to };
}
