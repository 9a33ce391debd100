/** The stars of an atom, as both kinds of catalog see them: where they are and how they shine. */
import { normalQuantile } from './normal.ts';
import { type Places, PointSource } from './points.ts';
import { PURPOSE, RandomStream } from './random.ts';
import { type SkyNode, type SkyTree, starsOf } from './tree.ts';

/** Share of stars that are the companion of the star before them, 0.3″ to 3″ off. */
const COMPANIONS = 0.03;
const COMPANION_ARCSEC = { least: 0.3, most: 3 };
/** Magnitudes range from here to {@link FAINT_LIMIT}; stars multiply by 10^SLOPE per magnitude. */
const BRIGHT_LIMIT = 2;
const FAINT_LIMIT = 20.9;
const SLOPE = 0.22;
const BRIGHTEST = 10 ** (SLOPE * (BRIGHT_LIMIT - FAINT_LIMIT));

/** G magnitude and BP − RP colour. */
export interface Lights {
  readonly magnitude: Float64Array;
  readonly colour: Float64Array;
}

export function createLights(rows: number): Lights {
  return { magnitude: new Float64Array(rows), colour: new Float64Array(rows) };
}

export class StarField {
  private readonly tree: SkyTree;
  private readonly points: PointSource;
  private readonly stream = new RandomStream();

  constructor(tree: SkyTree) {
    this.tree = tree;
    this.points = new PointSource(tree, tree.seed);
  }

  /**
   * Writes the positions of an atom's stars from place `at` on. About one in a hundred is put right at an
   * edge: partition borders are edges of atoms, so scattered counterparts make true pairs across borders,
   * which chance alone makes rare.
   */
  place(atom: SkyNode, out: Places, at: number): void {
    const { points } = this;
    const { stream } = points;
    const { least, most } = COMPANION_ARCSEC;
    const end = at + starsOf(atom);
    points.begin(atom, PURPOSE.place);
    const inside = 1 - points.edgeShare;
    for (let i = at; i < end; i++) {
      do {
        const lot = stream.uniform();
        if (lot < COMPANIONS && i > at) points.drawNear(out, i - 1, least, most);
        else if (lot > inside) points.drawAtEdge();
        else points.draw();
      } while (!points.write(out, i));
    }
  }

  /** Writes the light of an atom's stars from place `at` on. */
  light(atom: SkyNode, out: Lights, at: number): void {
    const { stream } = this;
    const { magnitude, colour } = out;
    const end = at + starsOf(atom);
    stream.startAt(this.tree.seed, PURPOSE.light, atom.order, atom.pixel);
    for (let i = at; i < end; i++) {
      const rank = BRIGHTEST + (1 - BRIGHTEST) * stream.uniform();
      const g = FAINT_LIMIT + Math.log10(rank) / SLOPE;
      magnitude[i] = g;
      // Faint stars are redder: cooler dwarfs, and dust.
      const mean = 0.75 + 0.06 * Math.max(0, g - 13);
      colour[i] = Math.max(-0.6, mean + 0.35 * normalQuantile(stream.uniform()));
    }
  }
}
