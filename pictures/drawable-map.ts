/** A sky map that can be drawn and written. What draws is loaded when a picture is asked for, and not before. */
import { UNSEEN, writeHealpixMap } from '../catalogs/sky-map-file.ts';
import type { Frame } from './frame.ts';
import type {
  AnyViewOptions,
  CartviewOptions,
  GnomviewOptions,
  MapPictureOptions,
  OrthviewOptions,
} from './map-options.ts';
import type { NamedMap } from './map-picture.ts';
import type { ViewKind } from './view.ts';

/** Deepest order written with every pixel of the sky: 100 MB. */
export const MAX_FULL_ORDER = 10;

export class DrawableMap implements NamedMap {
  readonly order: number;
  /** NESTED pixel numbers, ascending, of the pixels that hold something. */
  readonly pixels: Float64Array;
  /** One for each of `pixels`; NaN where there is none. */
  readonly values: Float64Array;
  readonly name: string | undefined;
  readonly unit: string | undefined;
  /** What a picture calls the values; name and unit where absent. */
  readonly label: string | undefined;
  /** Frame of the pixels: `C` equatorial, `G` galactic, `E` ecliptic. */
  readonly frame: Frame;

  constructor({ order, pixels, values, name, unit, label, frame = 'C' }: NamedMap) {
    this.order = order;
    this.pixels = pixels;
    this.values = values;
    this.name = name;
    this.unit = unit;
    this.label = label;
    this.frame = frame;
  }

  /** Draws the whole sky in Mollweide's equal-area projection to a .png or .svg file. */
  mollview(file: string, options: MapPictureOptions = {}): Promise<void> {
    return this.#draw('mollweide', file, options);
  }

  /** Draws the sky as a globe, both hemispheres side by side or one, to a .png or .svg file. */
  orthview(file: string, options: OrthviewOptions = {}): Promise<void> {
    return this.#draw('orthographic', file, options);
  }

  /** Draws the surroundings of a position, on the plane that touches the sky there, to a .png or .svg file. */
  gnomview(file: string, options: GnomviewOptions): Promise<void> {
    return this.#draw('gnomonic', file, options);
  }

  /** Draws longitude against latitude, of the whole sky or a part of it, to a .png or .svg file. */
  cartview(file: string, options: CartviewOptions = {}): Promise<void> {
    return this.#draw('cartesian', file, options);
  }

  /**
   * Writes the map as FITS, NESTED, doubles, as healpy reads it: up to order 10 every pixel of the sky, UNSEEN where
   * there is no value; from there on only the pixels that hold something.
   */
  async writeFits(path: string): Promise<void> {
    return this.writeHealpix(path, UNSEEN);
  }

  /** {@link writeFits} with `missing` for pixels of the whole sky that hold nothing. */
  protected async writeHealpix(path: string, missing: number): Promise<void> {
    const { order, pixels, values, name, unit, frame } = this;
    const common = { order, name, unit, frame };
    if (order > MAX_FULL_ORDER) return writeHealpixMap(path, { ...common, pixels, values });
    const all = new Float64Array(12 * 4 ** order).fill(missing);
    for (let i = 0; i < pixels.length; i++) all[pixels[i]!] = values[i]!;
    return writeHealpixMap(path, { ...common, values: all });
  }

  async #draw(kind: ViewKind, file: string, options: AnyViewOptions): Promise<void> {
    const { drawMap } = await import('./draw-map.ts');
    return drawMap(this, { kind, file, options });
  }
}
