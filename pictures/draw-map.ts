/** From a map and options to a file. */
import { type AnyViewOptions, checkMapOptions, type MapPictureRequest } from './map-options.ts';
import { mapScene, type NamedMap } from './map-picture.ts';
import type { ViewKind } from './view.ts';
import { type PictureForm, pictureForm, writeScene } from './write-picture.ts';

/** A picture that is asked for. */
export interface MapPicture {
  readonly kind: ViewKind;
  readonly file: string;
  readonly options: AnyViewOptions;
}

/** Draws a map; what cannot be drawn is refused before any work. */
export async function drawMap(map: NamedMap, picture: MapPicture): Promise<void> {
  const { form, request } = checkMapPicture(picture);
  await writeScene(picture.file, form, mapScene(map, request));
}

/** @throws the request error for an ending or an option that no picture can be made with */
export function checkMapPicture({ kind, file, options }: MapPicture): {
  readonly form: PictureForm;
  readonly request: MapPictureRequest;
} {
  return { form: pictureForm(file), request: checkMapOptions(kind, options) };
}
