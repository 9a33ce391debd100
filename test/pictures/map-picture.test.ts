/** Whole pictures of maps: sizes, colours where they are known, and maps that have nothing to show. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { hashPosition } from '../../partitioning/healpix.ts';
import { DrawableMap } from '../../pictures/drawable-map.ts';
import type { MapPictureOptions } from '../../pictures/map-options.ts';
import { createSkyPen } from '../../pictures/sky-lines.ts';
import { createView } from '../../pictures/view.ts';
import { findColour, type Pixels, pictureFolder, readPng, wholeMap } from './picture-fixture.ts';

const { inDir, remove } = pictureFolder();
afterAll(remove);

const GREY = '#bdbdbd';
/** Both ends of viridis. */
const [LOW, HIGH] = ['#440154', '#fde725'];

/** Rows 0 to 3 are the facets around the north pole, 4 to 7 those on the equator. */
const byFacet = new DrawableMap(wholeMap(0, (facet) => facet));

async function drawn(map: DrawableMap, options: MapPictureOptions = {}): Promise<Pixels> {
  const file = inDir('map.png');
  await map.mollview(file, { widthPixels: 400, graticule: false, ...options });
  return readPng(file);
}

/** Where the map begins in a picture without title and graticule. */
const MARGIN = Math.ceil(0.8 * 9);

function colourAt(picture: Pixels, longitude: number, latitude: number, east: -1 | 1 = -1): string {
  const view = createView({ kind: 'mollweide', width: 400, frame: 'C', centre: [0, 0], east });
  const [[x, y] = [0, 0]] = createSkyPen(view, { x: MARGIN, y: MARGIN }).pointsOf(
    longitude,
    latitude,
  );
  return picture.at(Math.floor(x), Math.floor(y));
}

describe('mollview', () => {
  test('shows each value where it is on the sky, in the colour of the palette', async () => {
    const picture = await drawn(byFacet);
    expect(picture.width).toBe(400 + 2 * MARGIN);
    expect(colourAt(picture, 45, 45)).toBe(LOW);
    expect(colourAt(picture, 315, -45)).toBe(HIGH);
    // White corners, a dark rim.
    expect(picture.at(MARGIN, MARGIN)).toBe('#ffffff');
    expect(Number.parseInt(picture.at(MARGIN + 200, MARGIN).slice(1, 3), 16)).toBeLessThan(0x60);
  });

  test('has east at the left, or at the right', async () => {
    const onEast = new DrawableMap({
      order: 0,
      pixels: Float64Array.of(5),
      values: Float64Array.of(1),
    });
    const sky = await drawn(onEast);
    const middle = MARGIN + 200;
    const halves = (picture: Pixels) => {
      // Facet 5 is centred on longitude 90 of the equator.
      const y = MARGIN + 100;
      return [picture.at(middle - 100, y), picture.at(middle + 100, y)];
    };
    expect(halves(sky)).toEqual([halves(await drawn(onEast, { flip: 'geo' }))[1], GREY]);
    expect(halves(await drawn(onEast, { flip: 'geo' }))[0]).toBe(GREY);
  });

  test('turns to galactic and ecliptic coordinates', async () => {
    // The facet that holds the galactic centre (ra 266.4, dec -28.9).
    const map = new DrawableMap({
      order: 0,
      pixels: Float64Array.of(Number(hashPosition(266.4, -28.9, 0))),
      values: Float64Array.of(1),
    });
    const galactic = await drawn(map, { coord: 'G' });
    expect(colourAt(galactic, 0, 0)).not.toBe(GREY);
    expect(colourAt(await drawn(map), 0, 0)).toBe(GREY);
    expect(colourAt(await drawn(map, { coord: 'E' }), 0, 0)).toBe(GREY);
    expect(colourAt(await drawn(map, { coord: 'E' }), 266.8, -5.5)).not.toBe(GREY);
  });

  test('is transparent around the map where that is asked for', async () => {
    const picture = await drawn(byFacet, { background: 'transparent' });
    expect(picture.at(0, 0)).toBe('#00000000');
    expect(colourAt(picture, 45, 45)).toBe(LOW);
  });

  test('has room for a title of any length', async () => {
    const [none, one, long] = [
      await drawn(byFacet),
      await drawn(byFacet, { title: 'A title' }),
      await drawn(byFacet, { title: 'A title of very many words '.repeat(9) }),
    ];
    expect(one!.height).toBeGreaterThan(none!.height + 10);
    expect(long!.height).toBeGreaterThan(one!.height + 20);
    expect([none!.width, one!.width, long!.width]).toEqual(Array(3).fill(none!.width));
  });

  test('draws lines and numbers unless they are not wanted', async () => {
    const bare = await drawn(byFacet);
    const lined = await drawn(byFacet, { graticule: true });
    // Numbers at the left need room, and as much is left at the right.
    const left = (lined.width - 400) / 2;
    expect(left).toBeGreaterThan(MARGIN);
    const shown = (longitude: number, latitude: number) => {
      const view = createView({
        kind: 'mollweide',
        width: 400,
        frame: 'C',
        centre: [0, 0],
        east: -1,
      });
      const [[x, y] = [0, 0]] = createSkyPen(view, { x: left, y: MARGIN }).pointsOf(
        longitude,
        latitude,
      );
      return lined.at(Math.floor(x), Math.floor(y));
    };
    expect(shown(15, 15)).toBe(colourAt(bare, 15, 15));
    expect(shown(15, 0)).not.toBe(colourAt(bare, 15, 0));
    expect(shown(30, 15)).not.toBe(colourAt(bare, 30, 15));
  });

  test('gives the same bytes each time', async () => {
    for (const name of ['a.png', 'a.svg']) {
      const options = { title: 'Twice', scale: 'histeq', coord: 'G', widthPixels: 400 } as const;
      await byFacet.mollview(inDir(name), options);
      const first = readFileSync(inDir(name));
      await byFacet.mollview(inDir(name), options);
      expect(readFileSync(inDir(name)).equals(first)).toBe(true);
    }
  });
});

describe('missing values are grey', () => {
  const allGrey = (picture: Pixels) => {
    for (const [longitude, latitude] of [
      [45, 45],
      [0, 0],
      [315, -45],
    ] as const) {
      expect(colourAt(picture, longitude, latitude)).toBe(GREY);
    }
    for (const colour of [LOW, HIGH]) expect(findColour(picture, colour)).toEqual([]);
  };

  test('a map of nothing', async () => {
    const map = { pixels: new Float64Array(0), values: new Float64Array(0), order: 5 };
    allGrey(await drawn(new DrawableMap(map)));
    allGrey(await drawn(new DrawableMap({ ...map, name: 'stars' }), { scale: 'histeq' }));
  });

  test('a map of NaN alone, and one of zeros and negative values on a log scale', async () => {
    allGrey(await drawn(new DrawableMap(wholeMap(1, () => Number.NaN))));
    allGrey(await drawn(new DrawableMap(wholeMap(1, (i) => -i)), { scale: 'log' }));
  });

  test('one pixel of many', async () => {
    const pixels = Float64Array.of(Number(0x300));
    const map = new DrawableMap({ order: 5, pixels, values: Float64Array.of(3) });
    const picture = await drawn(map);
    // A single value has the middle colour, which the middle of the bar has too.
    const middle = findColour(picture, '#21918c').filter(([, y]) => y < MARGIN + 200);
    expect(middle.length).toBeGreaterThan(3);
    expect(middle.length).toBeLessThan(60);
  });

  test('zeros and negative values on a log scale beside others', async () => {
    const map = new DrawableMap(
      wholeMap(0, (facet) => (facet === 0 ? 0 : facet === 1 ? -3 : facet)),
    );
    const picture = await drawn(map, { scale: 'log' });
    expect(colourAt(picture, 45, 45)).toBe(GREY);
    expect(colourAt(picture, 135, 45)).toBe(GREY);
    expect(colourAt(picture, 225, 45)).toBe(LOW);
    expect(colourAt(picture, 315, -45)).toBe(HIGH);
  });

  test('equal values have one colour', async () => {
    const picture = await drawn(new DrawableMap(wholeMap(1, () => 8)));
    for (const [longitude, latitude] of [
      [45, 45],
      [0, 0],
      [315, -45],
    ] as const) {
      expect(colourAt(picture, longitude, latitude)).toBe('#21918c');
    }
  });
});

describe('other views', () => {
  test('orthview shows two hemispheres, or one', async () => {
    await byFacet.orthview(inDir('o.png'), { widthPixels: 400, graticule: false });
    await byFacet.orthview(inDir('h.png'), { widthPixels: 200, graticule: false, halfSky: true });
    const [both, half] = [readPng(inDir('o.png')), readPng(inDir('h.png'))];
    expect(both.width - half.width).toBe(200);
    const y = MARGIN + 100;
    // The middles of the discs are longitudes 0 and 180, of the facets 4 and 6.
    expect(both.at(MARGIN + 100, y)).toBe(half.at(MARGIN + 100, y));
    expect(both.at(MARGIN + 300, y)).not.toBe(both.at(MARGIN + 100, y));
  });

  test('gnomview looks at a position', async () => {
    const options = { widthPixels: 200, graticule: false, min: 0, max: 11 };
    await byFacet.gnomview(inDir('g.png'), { ...options, center: [45, 45], sizeDegrees: 5 });
    const picture = readPng(inDir('g.png'));
    expect(findColour(picture, LOW).length).toBeGreaterThan(190 * 190);
  });

  test('cartview shows a range of both angles', async () => {
    const options = { widthPixels: 200, graticule: false, min: 0, max: 11 };
    const range = { longitudeRange: [40, 50], latitudeRange: [40, 45] } as const;
    await byFacet.cartview(inDir('c.png'), { ...options, ...range });
    const found = findColour(readPng(inDir('c.png')), LOW);
    const xs = found.map(([x]) => x);
    expect(found.length).toBeGreaterThan(190 * 95);
    expect(Math.max(...xs) - Math.min(...xs)).toBeLessThan(200);
  });
});

test('a picture in the form of vectors holds the same map, and its text as text', async () => {
  const options = { title: 'Stars <b> & "more"', unit: 'deg⁻²', widthPixels: 400 };
  await byFacet.mollview(inDir('v.svg'), options);
  const svg = readFileSync(inDir('v.svg'), 'utf8');
  expect(svg).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg [^>]*>\n/);
  expect(svg).toMatch(/<\/svg>\n$/);
  // Every element stands on a line of its own, closed in itself.
  for (const line of svg.trimEnd().split('\n').slice(2, -1)) {
    expect(line).toMatch(
      /^<(rect|image|path)( [\w-]+="[^"<>&]*")+\/>$|^<text( [\w-]+="[^"<>&]*")+>[^<>]*<\/text>$/,
    );
  }
  expect(svg).toContain('>Stars &lt;b&gt; &amp; "more"</text>');
  expect(svg).toContain('>deg⁻²</text>');
  expect(svg).toContain('>60°</text>');
  const [, data = ''] = /<image [^>]*href="data:image\/png;base64,([^"]*)"/.exec(svg) ?? [];
  const image = readPng(Buffer.from(data, 'base64'));
  expect([image.width, image.height]).toEqual([400, 200]);
  expect(image.at(0, 0)).toBe('#00000000');
  expect(findColour(image, LOW).length).toBeGreaterThan(1000);
});
