import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runningRows, skyDensity } from '../../engine/generate/density.ts';
import { planGeneration } from '../../engine/generate/plan.ts';
import { createPlaces } from '../../engine/generate/points.ts';
import { generateCell } from '../../engine/generate/rows.ts';
import type { GenerateSpec } from '../../engine/generate/spec.ts';
import { StarField } from '../../engine/generate/stars.ts';
import { ATOM_STARS, type SkyNode, SkyTree, starsOf } from '../../engine/generate/tree.ts';
import { atomsIn, startsOf } from '../../engine/generate/walk.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import { indexRange } from '../../partitioning/pixel.ts';
import { angularDistance, RADIANS_PER_ARCSEC } from '../../partitioning/sphere.ts';
import { wholeCatalog } from './generated.ts';

const cones = fc.record({
  ra: fc.double({ min: -10, max: 370, noNaN: true }),
  dec: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 90, 89.9999)),
  // From 1″ to the whole sky, evenly in the logarithm.
  radiusArcsec: fc
    .double({ min: 0, max: Math.log(648_000), noNaN: true })
    .map((log) => Math.min(648_000, Math.exp(log))),
});

const specs: fc.Arbitrary<GenerateSpec> = fc.record({
  kind: fc.constant('gaia' as const),
  rows: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 6000 })),
  seed: fc.maxSafeNat(),
  cone: fc.option(cones, { nil: undefined }),
  rowsPerPartition: fc.integer({ min: 1, max: 8000 }),
});

const gaia: GenerateSpec = { kind: 'gaia', rows: 60_000, seed: 7, rowsPerPartition: 5000 };

const gaiaCatalog = wholeCatalog(gaia);

describe('the plan', () => {
  test('has exactly the rows asked for, in disjoint cells in NESTED order', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const { cells } = planGeneration(spec);
        let end = 0n;
        for (const { pixel, rows } of cells) {
          const range = indexRange(pixel);
          expect(range.start).toBeGreaterThanOrEqual(end);
          end = range.end;
          expect(rows).toBeGreaterThan(0);
          // A cone of arcseconds can be crowded beyond what the finest pixels tell apart.
          const crowded = spec.cone !== undefined && spec.cone.radiusArcsec < 60;
          const most = crowded ? spec.rows : Math.max(spec.rowsPerPartition, ATOM_STARS);
          expect(rows).toBeLessThanOrEqual(most);
        }
        expect(cells.reduce((sum, { rows }) => sum + rows, 0)).toBe(spec.rows);
      }),
      { numRuns: 60 },
    );
  });

  test('is exact and quick at a billion rows', () => {
    const spec = { ...gaia, rows: 1_000_000_007, rowsPerPartition: 1_000_000 };
    const { cells } = planGeneration(spec);
    expect(cells.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_000_000_007);
    expect(Math.max(...cells.map(({ rows }) => rows))).toBeLessThanOrEqual(1_000_000);
    const plan = { ...planGeneration(spec), cells: cells.filter(({ rows }) => rows < 300_000) };
    expect(generateCell(spec, plan, 0).rows).toBe(plan.cells[0]!.rows);
  });

  test('is plain data', () => {
    const plan = planGeneration(gaia);
    expect(structuredClone(plan)).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    const names = generateCell(gaia, plan, 0).columns.map(({ name }) => name);
    expect(plan.columns.map(({ name }) => name)).toEqual(names);
    expect(names[0]).toBe('_healpix_29');
    expect(names).toEqual(expect.arrayContaining([plan.raColumn, plan.decColumn]));
  });
});

describe('a cell', () => {
  test('is sorted, inside its pixel, and indexed by its positions', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const plan = planGeneration(spec);
        plan.cells.forEach(({ pixel, rows }, i) => {
          const cell = generateCell(spec, plan, i);
          const [index, , ra, dec] = cell.columns.map(({ values }) => values) as [
            BigInt64Array,
            BigInt64Array,
            Float64Array,
            Float64Array,
          ];
          expect(cell.rows).toBe(rows);
          expect(cell.columns.every(({ values }) => values.length === rows)).toBe(true);
          expect(hashPositions(ra, dec, 29)).toEqual(index);
          expect(index.toSorted()).toEqual(index);
          expect(index[0]).toBeGreaterThanOrEqual(indexRange(pixel).start);
          expect(index.at(-1)).toBeLessThan(indexRange(pixel).end);
          expect(ra.every((value) => value >= 0 && value < 360)).toBe(true);
        });
      }),
      { numRuns: 25 },
    );
  });

  test('keeps its rows inside the cone', () => {
    fc.assert(
      fc.property(specs, cones, (spec, cone) => {
        const { ra, dec } = wholeCatalog({ ...spec, cone });
        expect(ra).toHaveLength(spec.rows);
        for (let i = 0; i < spec.rows; i++) {
          const distance = angularDistance(Number(ra![i]), Number(dec![i]), cone.ra, cone.dec);
          expect(distance).toBeLessThanOrEqual(cone.radiusArcsec * RADIANS_PER_ARCSEC);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('depends on no other cell and on no earlier call', () => {
    const plan = planGeneration(gaia);
    generateCell({ ...gaia, seed: 8 }, planGeneration({ ...gaia, seed: 8 }), 0);
    let end = gaia.rows;
    for (let i = plan.cells.length - 1; i >= 0; i--) {
      const { rows, columns } = generateCell(structuredClone(gaia), plan, i);
      for (const { name, values } of columns) {
        expect(values).toEqual(gaiaCatalog[name]!.slice(end - rows, end));
      }
      end -= rows;
    }
  });

  test('refuses a cell that is not planned and a plan of another spec', () => {
    const plan = planGeneration(gaia);
    expect(() => generateCell(gaia, plan, plan.cells.length)).toThrow(RangeError);
    expect(() => generateCell({ ...gaia, rows: 70_000 }, plan, 0)).toThrow(/of another spec/);
  });
});

describe('a catalog', () => {
  test('is the same however it is cut', () => {
    expect(planGeneration({ ...gaia, rowsPerPartition: 1e9 }).cells).toHaveLength(12);
    for (const rowsPerPartition of [1, 777, 1e9]) {
      expect(wholeCatalog({ ...gaia, rowsPerPartition })).toEqual(gaiaCatalog);
    }
  });

  test('differs by seed', () => {
    const { ra, phot_g_mean_mag: g } = gaiaCatalog;
    const other = wholeCatalog({ ...gaia, seed: 8 });
    const same = new Set(ra as Float64Array);
    expect((other.ra as Float64Array).some((value) => same.has(value))).toBe(false);
    expect(other.phot_g_mean_mag).not.toEqual(g);
  });

  test('numbers its stars 0 to rows − 1 and makes Gaia identifiers of them', () => {
    const { _healpix_29: index, source_id: ids, true_id: numbers } = gaiaCatalog;
    const trueIds = numbers as BigInt64Array;
    expect(Array.from(trueIds.toSorted(), Number)).toEqual(
      Array.from({ length: 60_000 }, (_, i) => i),
    );
    for (let i = 0; i < gaia.rows; i++) {
      expect(ids![i]).toBe((((index as BigInt64Array)[i]! >> 34n) << 35n) | trueIds[i]!);
    }
    expect((ids as BigInt64Array).some((id) => id > 2n ** 53n)).toBe(true);
    expect(new Set(gaiaCatalog._healpix_29 as BigInt64Array).size).toBe(gaia.rows);
  });

  test('has measurements that look like the survey', () => {
    const catalog = gaiaCatalog as unknown as Record<string, Float64Array>;
    const share = (name: string, holds: (value: number) => boolean) =>
      catalog[name]!.reduce((count, value) => count + (holds(value) ? 1 : 0), 0) / gaia.rows;
    expect(share('pm', (pm) => pm > 10)).toBeGreaterThan(0.07);
    expect(share('pm', (pm) => pm > 10)).toBeLessThan(0.15);
    expect(share('pm', (pm) => pm > 100)).toBeGreaterThan(0.0002);
    expect(share('parallax', Number.isNaN)).toBeCloseTo(0.17, 1);
    expect(share('radial_velocity', Number.isNaN)).toBeGreaterThan(0.9);
    expect(share('radial_velocity', Number.isNaN)).toBeLessThan(0.99);
    expect(share('phot_g_mean_mag', (g) => g >= 2 && g <= 20.9)).toBe(1);
    expect(share('phot_g_mean_mag', (g) => g < 18)).toBeLessThan(0.3);
    const {
      parallax,
      pm,
      pmra,
      pmdec,
      bp_rp,
      phot_bp_mean_mag: bp,
      phot_rp_mean_mag: rp,
    } = catalog;
    for (let i = 0; i < gaia.rows; i++) {
      expect(Number.isNaN(pm![i])).toBe(Number.isNaN(parallax![i]));
      if (!Number.isNaN(pm![i])) {
        expect(Math.abs(Math.hypot(pmra![i]!, pmdec![i]!) / pm![i]! - 1)).toBeLessThan(1e-6);
      }
      if (!Number.isNaN(bp_rp![i])) expect(bp![i]! - rp![i]!).toBeCloseTo(bp_rp![i]!, 4);
    }
  });

  test('marks exactly the columns with missing values as nullable', () => {
    const cell = generateCell(gaia, planGeneration(gaia), 0);
    for (const { values, nullIfNaN = false } of cell.columns) {
      expect(Array.from(values as Float64Array, Number).some(Number.isNaN)).toBe(nullIfNaN);
    }
  });
});

describe('the sky', () => {
  test('has the star counts of Gaia DR3 in total', () => {
    // Sum of the source table; the table is in hundreds.
    const total = skyDensity().reduce((sum, hundreds) => sum + hundreds, 0) * 100;
    expect(Math.abs(total / 1_811_709_771 - 1)).toBeLessThan(1e-4);
  });

  test('follows the density table in every pixel', () => {
    const { _healpix_29: index } = gaiaCatalog;
    const counts = new Float64Array(12 * 4 ** 5);
    for (const value of index as BigInt64Array) counts[Number(value >> 48n)]! += 1;
    const running = runningRows(gaia.rows, new Float64Array(counts.length).fill(1));
    const expected = counts.map((_, i) => running[i + 1]! - running[i]!);
    expect(Math.max(...counts.map((count, i) => Math.abs(count - expected[i]!)))).toBeLessThan(1);
    // And the table is the Galaxy's: the densest pixel has a hundred times the stars of the emptiest.
    expect(Math.max(...expected) / Math.min(...expected)).toBeGreaterThan(100);
  });

  test('has companions at 0.3″ to 3″, where chance puts next to none', () => {
    const { ra, dec } = gaiaCatalog as Record<string, Float64Array>;
    const rows = Array.from(dec!.keys()).sort((a, b) => dec![a]! - dec![b]!);
    let pairs = 0;
    let close = 0;
    for (let i = 0; i < rows.length; i++) {
      const a = rows[i]!;
      for (let j = i + 1; j < rows.length && dec![rows[j]!]! - dec![a]! < 6 / 3600; j++) {
        const b = rows[j]!;
        const arcsec = angularDistance(ra![a]!, dec![a]!, ra![b]!, dec![b]!) / RADIANS_PER_ARCSEC;
        if (arcsec < 6) pairs++;
        if (arcsec > 0.2 && arcsec < 4) close++;
      }
    }
    // Only stars that are not the first of their atom can be a companion.
    expect(pairs / gaia.rows).toBeGreaterThan(0.02);
    expect(pairs / gaia.rows).toBeLessThan(0.035);
    expect(close / pairs).toBeGreaterThan(0.95);
  });

  test('has clumps with a Gaussian profile that atoms do not cut off', () => {
    const tree = new SkyTree({ rows: 20_000_000, seed: 3 });
    const host = clumpHost(tree);
    const { x, y, sigma } = host.clump!;
    const atoms = atomsIn(tree, host);
    const starts = startsOf(atoms.map(starsOf));
    const places = createPlaces(starts.at(-1)!);
    const field = new StarField(tree);
    const within = [0, 0, 0];
    atoms.forEach((atom, k) => {
      field.place(atom, places, starts[k]!);
      for (let i = starts[k]!; i < starts[k + 1]!; i++) {
        const dx = (atom.x + atom.side * places.x[i]! - x) / sigma;
        const dy = (atom.y + atom.side * places.y[i]! - y) / sigma;
        [1, 2, 3].forEach((radius, r) => {
          if (dx * dx + dy * dy < radius * radius) within[r]! += 1;
        });
      }
    });
    const clumped = within[2]! / (1 - Math.exp(-4.5));
    // The share of a two-dimensional Gaussian within r sigmas is 1 − exp(−r²/2); some field stars are added.
    expect(clumped / starsOf(host)).toBeGreaterThan(0.25);
    expect(Math.abs(within[0]! / clumped - (1 - Math.exp(-0.5)))).toBeLessThan(0.05);
    expect(Math.abs(within[1]! / clumped - (1 - Math.exp(-2)))).toBeLessThan(0.05);
  });
});

/** The first node with a few thousand stars that a clump was born in. */
function clumpHost(tree: SkyTree): SkyNode {
  for (let pixel = 0; pixel < 12 * 4 ** 5; pixel++) {
    const node = tree.root(pixel);
    if (starsOf(node) < 2000) continue;
    const clump = tree.split(node)?.find((child) => child.clump !== undefined)?.clump;
    if (clump !== undefined) return { ...node, clump };
  }
  throw new Error('no clump anywhere');
}

describe('a wrong spec', () => {
  const ztf: GenerateSpec = { ...gaia, kind: 'ztf', counterpartOf: gaia };
  test.each<[string, GenerateSpec, RegExp]>([
    ['no rows', { ...gaia, rows: 0 }, /rows must be an integer from 1/],
    ['half a row', { ...gaia, rows: 1.5 }, /not 1.5/],
    ['too many rows', { ...gaia, rows: 1e11 }, /to 10000000000/],
    ['a negative seed', { ...gaia, seed: -1 }, /seed must be an integer/],
    ['empty partitions', { ...gaia, rowsPerPartition: 0 }, /rows per partition/],
    ['no RA', { ...gaia, cone: { ra: Number.NaN, dec: 0, radiusArcsec: 9 } }, /cone RA/],
    ['a bad Dec', { ...gaia, cone: { ra: 0, dec: 91, radiusArcsec: 9 } }, /cone Dec/],
    ['a dot', { ...gaia, cone: { ra: 0, dec: 0, radiusArcsec: 0.5 } }, /cone radius .* not 0.5/],
    ['gaia as a counterpart', { ...gaia, counterpartOf: gaia }, /only a ztf catalog/],
    ['ztf of ztf', { ...ztf, counterpartOf: ztf }, /only follow a gaia catalog/],
    ['a bad star catalog', { ...ztf, counterpartOf: { ...gaia, rows: 0 } }, /rows must be/],
    ['crowds', { ...ztf, rows: 600_001 }, /more than 10 for each of the 60000 stars/],
    ['another sky', { ...ztf, cone: { ra: 0, dec: 0, radiusArcsec: 9 } }, /the same cone/],
  ])('is refused: %s', (_, spec, message) => {
    expect(() => planGeneration(spec)).toThrow(message);
    expect(() => planGeneration(spec)).toThrow(expect.objectContaining({ tag: 'request' }));
  });
});
