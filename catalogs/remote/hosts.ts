/** One guard per host: limits and experience are shared by everything that is asked of it. */
import { Guard } from './guard.ts';
import { remoteSettings, settingsVersion } from './settings.ts';

const guards = new Map<string, { guard: Guard; version: number }>();

/** What all requests to the host of a path go through. */
export function remoteGuard(path: string): Guard {
  const host = /^[a-z0-9+.-]+:\/\/[^/]*/i.exec(path)?.[0] ?? path;
  const version = settingsVersion();
  let kept = guards.get(host);
  if (kept === undefined || kept.version !== version) {
    kept = { guard: new Guard(remoteSettings().patience), version };
    guards.set(host, kept);
  }
  return kept.guard;
}
