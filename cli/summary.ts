/** What a run did, as the one JSON object that scripts read, and as text. */
import { processMeter } from '../catalogs/meter.ts';
import type { RunStats } from '../engine/physical/stats.ts';
import { bytesText, countOf } from './format.ts';
import type { MapFacts } from './map-text.ts';
import type { Profile } from './profile.ts';

export interface Outcome {
  readonly rows: number;
  /** Counters of the engine, where it gave any. */
  readonly stats?: RunStats;
  /** Path of what was written. */
  readonly output?: string;
  /** Sky maps that were made. */
  readonly maps?: readonly MapFacts[];
}

/** Seconds since the process began: what a stopwatch beside the terminal would show. */
export function elapsedSeconds(): number {
  return performance.now() / 1000;
}

/**
 * @param tasks announced while running: not every end gives counters
 * @param profile where the time went, if known
 */
export function outcomeJson(
  { rows, stats, output, maps }: Outcome,
  tasks: number,
  profile: Profile | undefined,
): string {
  const { user, system } = process.cpuUsage();
  const network = processMeter.counts;
  return JSON.stringify({
    rows,
    seconds: elapsedSeconds(),
    cpuSeconds: (user + system) / 1e6,
    tasks: Math.max(stats?.tasks ?? 0, tasks),
    // Of local files the database does not say how much it read.
    bytesRead: network.requests === 0 ? null : network.bytes,
    requests: network.requests,
    retries: network.retries,
    hedged: network.hedged,
    spoolHits: network.spoolHits,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    output: output ?? null,
    ...(maps === undefined ? {} : { maps }),
    profile: profile ?? null,
  });
}

/** What the network was asked for, in one line; `undefined` where it was not. */
export function networkText(): string | undefined {
  const { requests, bytes, retries, hedged, spoolHits, bytesSent } = processMeter.counts;
  if (requests === 0 && spoolHits === 0) return undefined;
  const parts = [`${countOf(requests, 'request')}, ${bytesText(bytes)} received`];
  if (bytesSent > 0) parts.push(`${bytesText(bytesSent)} sent`);
  if (retries > 0) parts.push(`${retries} tried again`);
  if (hedged > 0) parts.push(`${hedged} hedged`);
  if (spoolHits > 0) parts.push(`${countOf(spoolHits, 'hit')} in the spool`);
  return `network: ${parts.join(', ')}`;
}
