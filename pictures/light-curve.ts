/** Plots the brightness of an object against time, or against the phase of a period. */
import { requestError } from '../partitioning/error.ts';
import { checkOptions, type OptionNames } from '../partitioning/options.ts';
import { type CurvePoints, curvePoints, type LightCurve } from './curve-points.ts';
import { curveScene } from './curve-scene.ts';
import { oneOf } from './map-options.ts';
import { pictureForm, writeScene } from './write-picture.ts';

export interface LightCurveOptions {
  readonly title?: string;
  /** Folds the curve and shows two cycles; in the unit of the times. */
  readonly period?: number;
  /** Time of phase 0; default: the first time. */
  readonly epoch?: number;
  /** Names of the axes; default `Time [d]` and `Magnitude`. */
  readonly timeLabel?: string;
  readonly magLabel?: string;
  /** Width of the picture in pixels; default 1200. */
  readonly widthPixels?: number;
  /** `white` (default) or `transparent`. */
  readonly background?: 'white' | 'transparent';
}

const KNOWN: OptionNames<LightCurveOptions> = {
  title: true,
  period: true,
  epoch: true,
  timeLabel: true,
  magLabel: true,
  widthPixels: true,
  background: true,
};

const FEWEST_PIXELS = 200;
const MOST_PIXELS = 8000;

/**
 * Draws a light curve to a .png or .svg file: magnitudes upside down, error bars, a colour and a mark for each band.
 * Points whose time or magnitude is not a number are left out.
 * @throws the request error for arrays of different lengths and for options that nothing can be drawn with
 */
export async function drawLightCurve(
  curve: LightCurve,
  file: string,
  options: LightCurveOptions = {},
): Promise<void> {
  checkOptions('plotLightCurve', options, KNOWN);
  const form = pictureForm(file);
  const { period, epoch, widthPixels = 1200, background = 'white' } = options;
  oneOf('background', background, ['white', 'transparent']);
  if (period !== undefined && !(period > 0 && Number.isFinite(period))) {
    throw requestError(`period ${period} is not a number above 0`);
  }
  if (epoch !== undefined && !Number.isFinite(epoch)) {
    throw requestError(`epoch ${epoch} is not a number`);
  }
  if (
    !(Number.isInteger(widthPixels) && widthPixels >= FEWEST_PIXELS && widthPixels <= MOST_PIXELS)
  ) {
    throw requestError(
      `widthPixels ${widthPixels} is not a whole number from ${FEWEST_PIXELS} to ${MOST_PIXELS}`,
    );
  }
  const points: CurvePoints[] = curvePoints(
    curve,
    period === undefined ? undefined : { period, epoch },
  );
  const labels = {
    title: options.title ?? '',
    time: options.timeLabel ?? 'Time [d]',
    mag: options.magLabel ?? 'Magnitude',
  };
  const isTransparent = background === 'transparent';
  const scene = curveScene(points, { labels, period, width: widthPixels, isTransparent });
  await writeScene(file, form, scene);
}
