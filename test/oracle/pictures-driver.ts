/**
 * Projected grids for the checks in Python: standard input is a JSON list of `{ pixels, values, order, frame, view,
 * out }`, where `pixels` and `values` name files of doubles and `view` is what `createView` takes; `out` gets the
 * grid as doubles, row after row from the top. Prints the sizes of the grids.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Frame } from '../../pictures/frame.ts';
import { projectMap } from '../../pictures/project.ts';
import { createView, type ViewRequest } from '../../pictures/view.ts';

interface Request {
  readonly pixels: string;
  readonly values: string;
  readonly order: number;
  readonly frame: Frame;
  readonly view: ViewRequest;
  readonly out: string;
}

function doublesOf(file: string): Float64Array {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
}

const sizes = (JSON.parse(await text(process.stdin)) as Request[]).map((request) => {
  const { order, frame } = request;
  const view = createView(request.view);
  const map = {
    order,
    frame,
    pixels: doublesOf(request.pixels),
    values: doublesOf(request.values),
  };
  const { grid } = projectMap(map, view);
  writeFileSync(request.out, new Uint8Array(grid.buffer));
  return [view.width, view.height];
});
console.log(JSON.stringify(sizes));
