/** What can be asked of a picture of a map, and the refusal of what cannot be drawn. */
import { requestError } from '../partitioning/error.ts';
import { checkOptions, type OptionNames } from '../partitioning/options.ts';
import { SCALE_KINDS, type ScaleKind } from './colour-scale.ts';
import { FRAMES, type Frame } from './frame.ts';
import { createPalette, type Palette } from './palette.ts';
import type { ViewKind, ViewRequest } from './view.ts';

/** Options of all views of a map. */
export interface MapPictureOptions {
  /** Frame of the picture: `C` equatorial (default), `G` galactic, `E` ecliptic. */
  readonly coord?: Frame;
  /** Longitude and latitude in that frame, degrees, of the middle of the picture; default 0, 0. */
  readonly center?: readonly [longitude: number, latitude: number];
  /** `astro` (default): east is to the left, as on the sky; `geo`: to the right, as on a globe. */
  readonly flip?: 'astro' | 'geo';
  /** `linear` (default), `log`, or `histeq`: each colour covers about the same part of the picture. */
  readonly scale?: ScaleKind;
  /** Values of the ends of the palette; default: the least and the greatest in the picture. */
  readonly min?: number;
  readonly max?: number;
  /** A continuous scheme of d3, such as `viridis` (default), `magma`, `rdBu`; `_r` at the end turns it round. */
  readonly palette?: string;
  readonly title?: string;
  /** Text below the colour bar; default: name and unit of the map. */
  readonly unit?: string;
  /** Lines of equal longitude and latitude, with numbers; default true. */
  readonly graticule?: boolean;
  /** Width of the map in image pixels; default 1600, square views 1000. */
  readonly widthPixels?: number;
  /** `white` (default) or `transparent`. */
  readonly background?: 'white' | 'transparent';
}

export interface OrthviewOptions extends MapPictureOptions {
  /** Only the hemisphere around the centre; both otherwise. */
  readonly halfSky?: boolean;
}

export interface GnomviewOptions extends MapPictureOptions {
  readonly center: readonly [longitude: number, latitude: number];
  /** Angle across the picture, up to 150; default 10. */
  readonly sizeDegrees?: number;
}

export interface CartviewOptions extends MapPictureOptions {
  /** From and to, degrees from the centre; default [-180, 180] and [-90, 90]. */
  readonly longitudeRange?: readonly [from: number, to: number];
  readonly latitudeRange?: readonly [from: number, to: number];
}

const MAP_PICTURE: OptionNames<MapPictureOptions> = {
  coord: true,
  center: true,
  flip: true,
  scale: true,
  min: true,
  max: true,
  palette: true,
  title: true,
  unit: true,
  graticule: true,
  widthPixels: true,
  background: true,
};

const ORTHVIEW: OptionNames<OrthviewOptions> = { ...MAP_PICTURE, halfSky: true };

const GNOMVIEW: OptionNames<GnomviewOptions> = { ...MAP_PICTURE, sizeDegrees: true };

const CARTVIEW: OptionNames<CartviewOptions> = {
  ...MAP_PICTURE,
  longitudeRange: true,
  latitudeRange: true,
};

const VIEWS: Readonly<Record<ViewKind, readonly [method: string, known: OptionNames<object>]>> = {
  mollweide: ['mollview', MAP_PICTURE],
  orthographic: ['orthview', ORTHVIEW],
  gnomonic: ['gnomview', GNOMVIEW],
  cartesian: ['cartview', CARTVIEW],
};

/** Everything that any of the views takes. */
export type AnyViewOptions = MapPictureOptions &
  Pick<OrthviewOptions, 'halfSky'> &
  Pick<GnomviewOptions, 'sizeDegrees'> &
  Pick<CartviewOptions, 'longitudeRange' | 'latitudeRange'>;

/** Options that were looked at, with what they leave out filled in. */
export interface MapPictureRequest {
  readonly view: ViewRequest;
  readonly scale: { readonly kind: ScaleKind; readonly min?: number; readonly max?: number };
  readonly palette: Palette;
  readonly title: string;
  readonly unit?: string;
  readonly graticule: boolean;
  readonly isTransparent: boolean;
}

const WIDE_PIXELS = 1600;
const SQUARE_PIXELS = 1000;
const FEWEST_PIXELS = 100;
/** Several times what a page can show; the picture of a wider one takes gigabytes while it is made. */
const MOST_PIXELS = 8000;
const WIDEST_GNOMONIC_DEGREES = 150;

/** @throws the request error for options that no picture can be made with */
export function checkMapOptions(kind: ViewKind, options: AnyViewOptions): MapPictureRequest {
  const [method, known] = VIEWS[kind];
  checkOptions<object>(method, options, known);
  const { title = '', unit, graticule = true, background = 'white' } = options;
  oneOf('background', background, ['white', 'transparent']);
  return {
    view: viewRequest(kind, options),
    scale: scaleRequest(options),
    palette: createPalette(options.palette ?? 'viridis'),
    title,
    unit,
    graticule,
    isTransparent: background === 'transparent',
  };
}

function viewRequest(kind: ViewKind, options: AnyViewOptions): ViewRequest {
  const { coord = 'C', flip = 'astro', halfSky = false, sizeDegrees = 10 } = options;
  oneOf('coord', coord, FRAMES);
  oneOf('flip', flip, ['astro', 'geo']);
  const isSquare = kind === 'gnomonic' || (kind === 'orthographic' && halfSky);
  const width = options.widthPixels ?? (isSquare ? SQUARE_PIXELS : WIDE_PIXELS);
  if (!(Number.isInteger(width) && width >= FEWEST_PIXELS && width <= MOST_PIXELS)) {
    throw requestError(
      `widthPixels ${width} is not a whole number from ${FEWEST_PIXELS} to ${MOST_PIXELS}`,
    );
  }
  if (kind === 'gnomonic' && !(sizeDegrees > 0 && sizeDegrees <= WIDEST_GNOMONIC_DEGREES)) {
    throw requestError(
      `sizeDegrees ${sizeDegrees} is not above 0 and up to ${WIDEST_GNOMONIC_DEGREES}`,
      'A wider part of the sky fits into orthview or mollview.',
    );
  }
  return {
    kind,
    width,
    frame: coord,
    centre: checkCentre(kind, options.center),
    east: flip === 'astro' ? -1 : 1,
    halfSky,
    sizeDegrees,
    longitudeRange: checkRange('longitudeRange', options.longitudeRange, 180),
    latitudeRange: checkRange('latitudeRange', options.latitudeRange, 90),
  };
}

function checkCentre(
  kind: ViewKind,
  centre: readonly [number, number] | undefined,
): readonly [number, number] {
  if (centre === undefined) {
    if (kind !== 'gnomonic') return [0, 0];
    throw requestError(
      'a gnomonic view needs a center',
      'Give a longitude and a latitude in degrees, such as 83.6, -5.4.',
    );
  }
  const [longitude, latitude] = centre;
  if (Number.isFinite(longitude) && Math.abs(latitude) <= 90) return [longitude, latitude];
  throw requestError(
    `center [${centre.join(', ')}] is not a longitude and a latitude from -90 to 90, in degrees`,
  );
}

function checkRange(
  name: string,
  range: readonly [number, number] | undefined,
  limit: number,
): readonly [number, number] | undefined {
  if (range === undefined) return undefined;
  const [from, to] = range;
  if (from >= -limit && to <= limit && from < to) return range;
  throw requestError(
    `${name} [${range.join(', ')}] does not ascend between ${-limit} and ${limit}`,
    'Ranges are counted from the center, in degrees.',
  );
}

function scaleRequest({ scale = 'linear', min, max }: AnyViewOptions) {
  oneOf('scale', scale, SCALE_KINDS);
  for (const [name, value] of [['min', min] as const, ['max', max] as const]) {
    if (value === undefined) continue;
    if (!Number.isFinite(value)) throw requestError(`${name} ${value} is not a number`);
    if (scale === 'log' && value <= 0) {
      throw requestError(`${name} ${value} has no place on a log scale`, 'Give one above 0.');
    }
  }
  if (min !== undefined && max !== undefined && min >= max) {
    throw requestError(`min ${min} is not below max ${max}`);
  }
  return { kind: scale, min, max };
}

/** Callers without a type checker, such as the command line, may give anything. */
export function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  const list = `${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`;
  throw requestError(`${name} ${value} is not ${list}`);
}
