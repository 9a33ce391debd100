/** The circle on the sky that a generated catalog is confined to. */
import type { Cone } from '../../partitioning/cone.ts';
import { childrenOf, MAX_PIXEL_ORDER, type Pixel } from '../../partitioning/pixel.ts';
import { angularDistance, RADIANS_PER_ARCSEC } from '../../partitioning/sphere.ts';
import { distanceToCentre, pixelRadius } from './place.ts';

/** Answers about one cone. */
export class ConeCover {
  private readonly cone: Cone;
  private readonly radius: number;
  /** Pixels of this order are small against the cone: a sixteenth of its radius. */
  readonly fineOrder: number;

  constructor(cone: Cone) {
    this.cone = cone;
    // A hair narrower, so that every row is inside however a reader rounds the distance.
    this.radius = cone.radiusArcsec * RADIANS_PER_ARCSEC * (1 - 1e-9);
    const fine = Math.ceil(Math.log2((16 * pixelRadius(0)) / this.radius));
    this.fineOrder = Math.max(fine, 0);
  }

  /** True when the position (degrees) is inside. */
  contains(ra: number, dec: number): boolean {
    return angularDistance(ra, dec, this.cone.ra, this.cone.dec) <= this.radius;
  }

  /** True when the whole pixel is inside for certain. */
  containsPixel(pixel: Pixel): boolean {
    return distanceToCentre(this.cone, pixel) + pixelRadius(pixel.order) <= this.radius;
  }

  /**
   * Share of the pixel's area that is inside, 0 to 1, measured with the centres of small pixels. Above 0
   * means that part of the pixel is inside for certain; at 0 a sliver of it still may be.
   */
  coverage(pixel: Pixel): number {
    const lastOrder = Math.max(pixel.order + 3, this.fineOrder);
    return this.cover(pixel, Math.min(lastOrder, MAX_PIXEL_ORDER));
  }

  private cover(pixel: Pixel, lastOrder: number): number {
    const distance = distanceToCentre(this.cone, pixel);
    const reach = pixelRadius(pixel.order);
    if (distance + reach <= this.radius) return 1;
    if (distance - reach > this.radius) return 0;
    if (pixel.order >= lastOrder) return distance <= this.radius ? 1 : 0;
    let sum = 0;
    for (const child of childrenOf(pixel)) sum += this.cover(child, lastOrder);
    return sum / 4;
  }
}
