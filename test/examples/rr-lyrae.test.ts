/** The reference program where no sample data are: its synthetic curves, and the code that classifies them. */
import { expect, test } from 'vitest';
import { classify } from '../../examples/rr-lyrae/classify.ts';
import { variables } from '../../examples/rr-lyrae/curves.ts';
import { tempFolder } from '../query/temp-folder.ts';

const temp = tempFolder();

test('synthetic RR Lyrae stars are found, with their periods', async () => {
  const { real, variables: stars } = await variables(temp('no-sample-data'), temp());
  expect(real).toBe(false);
  expect(stars.length).toBeGreaterThan(100);
  for (const { kind, period, points } of stars.slice(0, 8)) {
    const lc = {
      mjd: Float64Array.from(points, ({ mjd }) => mjd),
      mag: Float64Array.from(points, ({ mag }) => mag),
      magerr: Float64Array.from(points, ({ magerr }) => magerr),
      band: points.map(({ band }) => band),
    };
    const found = classify({ lc });
    expect(kind).toBe('RR Lyrae');
    expect(found.pRRLy).toBeGreaterThan(0.5);
    expect(found.period! / period!).toBeCloseTo(1, 2);
  }
});

test('a curve of no points, and none at all, are no RR Lyrae star', () => {
  const none = { mjd: new Float64Array(), mag: new Float64Array(), magerr: new Float64Array() };
  for (const lc of [null, { ...none, band: [] }]) {
    expect(classify({ lc })).toMatchObject({ pRRLy: 0, period: null });
  }
});
