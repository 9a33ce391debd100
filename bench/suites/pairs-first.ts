/** The answers of all programs, pair by pair, before any is measured. */
import { acid, crosshatch, lsdb, pairFilesOf, rivalsOf } from '../commands.ts';
import { comparePairs } from '../compare.ts';
import type { Pair } from '../data.ts';
import type { Settings } from '../suite.ts';

/** By the catalogs: the same pairs need not be compared for every suite. */
const compared = new Map<string, number>();

/** How many pairs there are. @throws where a program finds others than we do */
export async function pairsCompared(pair: Pair, settings: Settings): Promise<number> {
  const known = compared.get(pair.left);
  if (known !== undefined) return known;
  const { workers } = settings;
  // LSDB takes half a minute to start: a quick run has time for it once, and compares pairs in the suite `write`.
  const { programs } = rivalsOf(settings.quick ? { ...settings, alone: true } : settings, {
    LSDB: () => lsdb('pairs', pair, workers),
    ACID: () => acid('pairs', pair, workers),
  });
  const ours = crosshatch('pairs', pair, { workers });
  const { stdout } = await ours.run();
  let pairs = (JSON.parse(stdout) as { rows: number }).rows;
  for (const program of programs) {
    await program.run();
    pairs = await comparePairs(pairFilesOf(ours.name, 'pairs'), pairFilesOf(program.name, 'pairs'));
  }
  compared.set(pair.left, pairs);
  return pairs;
}
