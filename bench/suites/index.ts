/** All suites, in the order in which they run. */
import type { Suite } from '../suite.ts';
import { complete } from './complete.ts';
import { cores } from './cores.ts';
import { count } from './count.ts';
import { curves } from './curves.ts';
import { dispatch } from './dispatch.ts';
import { floor } from './floor.ts';
import { gather } from './gather.ts';
import { kernel } from './kernel.ts';
import { lombScargle } from './lomb-scargle.ts';
import { map } from './map.ts';
import { memory } from './memory.ts';
import { picture } from './picture.ts';
import { region } from './region.ts';
import { remote } from './remote.ts';
import { scale } from './scale.ts';
import { skew } from './skew.ts';
import { start } from './start.ts';
import { threads } from './threads.ts';
import { wide } from './wide.ts';
import { write } from './write.ts';

export const suites: readonly Suite[] = [
  ...[start, kernel, count, map, write, region, complete],
  ...[floor, wide, skew, cores, memory, scale, dispatch, threads],
  ...[remote, picture, curves, gather, lombScargle],
];
