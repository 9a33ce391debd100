/** Options of commands that draw a sky map: how the picture of a .png or .svg output looks. */
import type { Command } from 'commander';
import { requestError } from '../partitioning/error.ts';
import type { MapPicture } from '../pictures/draw-map.ts';
import type { AnyViewOptions } from '../pictures/map-options.ts';
import type { ViewKind } from '../pictures/view.ts';
import { parseCenter, parseNumber } from './parse.ts';

export interface PictureFlags {
  readonly view?: string;
  readonly coord?: string;
  readonly center?: [number, number];
  readonly size?: number;
  readonly flip?: string;
  readonly scale?: string;
  readonly min?: number;
  readonly max?: number;
  readonly palette?: string;
  readonly title?: string;
  readonly unit?: string;
  readonly width?: number;
  /** False when --no-graticule was given. */
  readonly graticule?: boolean;
}

export function addPictureFlags(command: Command): Command {
  return command
    .optionsGroup('Picture (.png or .svg):')
    .option('--view <name>', 'mollweide, orthographic, gnomonic, cartesian (default: mollweide)')
    .option('--coord <frame>', 'C equatorial, G galactic, E ecliptic (default: C)')
    .option('--center <lon,lat>', 'middle of the picture in that frame, degrees', parseCenter)
    .option('--size <degrees>', 'width of a gnomonic view (default: 10)', parseNumber)
    .option('--flip <side>', 'astro: east to the left; geo: to the right (default: astro)')
    .option('--scale <kind>', 'linear, log or histeq (default: linear)')
    .option('--min <value>', 'value of the first colour', parseNumber)
    .option('--max <value>', 'value of the last colour', parseNumber)
    .option('--palette <name>', 'of d3, such as magma; _r at the end reverses (default: viridis)')
    .option('--title <text>', 'above the map')
    .option('--unit <text>', 'below the colour bar')
    .option('--width <pixels>', 'of the map (default: 1600, square views 1000)', parseNumber)
    .option('--no-graticule', 'without lines of longitude and latitude');
}

const VIEWS: readonly ViewKind[] = ['mollweide', 'orthographic', 'gnomonic', 'cartesian'];

/** The picture that the flags ask for in a file, as far as the command line can tell; undefined for other files. */
export function pictureOf(flags: PictureFlags, file: string | undefined): MapPicture | undefined {
  const isPicture = file !== undefined && /\.(png|svg)$/i.test(file);
  if (!isPicture) {
    refuseUnused(flags);
    return undefined;
  }
  const kind = VIEWS.find((view) => view === (flags.view ?? 'mollweide'));
  if (kind === undefined) {
    throw requestError(`--view ${flags.view} is not ${VIEWS.slice(0, -1).join(', ')} or cartesian`);
  }
  if (flags.size !== undefined && kind !== 'gnomonic') {
    throw requestError('--size needs --view gnomonic');
  }
  const { coord, flip, scale, center, size, width, min, max, palette, title, unit } = flags;
  const options = {
    ...{ coord, flip, scale, center, min, max, palette, title, unit },
    // Only a gnomonic view has a size to be asked for.
    ...(size === undefined ? {} : { sizeDegrees: size }),
    widthPixels: width,
    graticule: flags.graticule,
  };
  // The words are looked at before anything runs, by the same code that looks at those of programs.
  return { kind, file, options: options as AnyViewOptions };
}

function refuseUnused(flags: PictureFlags): void {
  const names = ['view', 'coord', 'center', 'size', 'flip', 'scale', 'min', 'max'] as const;
  const more = ['palette', 'title', 'unit', 'width'] as const;
  const used = [...names, ...more].find((name) => flags[name] !== undefined);
  const option = used === undefined && flags.graticule === false ? 'no-graticule' : used;
  if (option !== undefined) throw requestError(`--${option} needs a .png or .svg file as --output`);
}
