/** Writes a scene in the form that the ending of the file names. */
import path from 'node:path';
import { writeLocalChunks } from '../catalogs/local-store.ts';
import { requestError } from '../partitioning/error.ts';
import { encodePng } from './png.ts';
import { paintScene } from './raster.ts';
import type { Scene } from './scene.ts';
import { encodeSvg } from './svg.ts';

export type PictureForm = 'png' | 'svg';

/** @throws the request error for an ending that is neither .png nor .svg */
export function pictureForm(file: string): PictureForm {
  const ending = path.extname(file).toLowerCase();
  if (ending === '.png' || ending === '.svg') return ending === '.png' ? 'png' : 'svg';
  throw requestError(
    `a picture is a .png or .svg file, not ${ending === '' ? 'one without an ending' : ending}`,
    undefined,
    file,
  );
}

/** Writes a picture whole or not at all; with one version of Node the same scene gives the same bytes. */
export async function writeScene(file: string, form: PictureForm, scene: Scene): Promise<void> {
  const bytes = form === 'png' ? await encodePng(paintScene(scene)) : await encodeSvg(scene);
  await writeLocalChunks(file, [bytes]);
}
