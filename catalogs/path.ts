/** Paths of catalogs and their files: local ones, and URLs whose parts are joined the same way. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Lower-case scheme of a URL such as `s3` or `file`; `undefined` for a local path. */
export function schemeOf(location: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1]?.toLowerCase();
}

/** True for anything but a file on the local disk. */
export function isRemote(location: string): boolean {
  const scheme = schemeOf(location);
  return scheme !== undefined && scheme !== 'file';
}

/** Absolute local path (`file://` included) or URL, without a slash at its end. */
export function absolutePath(location: string): string {
  if (isRemote(location)) return location.replace(/\/+$/, '');
  return path.resolve(schemeOf(location) === 'file' ? fileURLToPath(location) : location);
}

/** `base` followed by relative parts; `..` climbs, in URLs too. */
export function joinPath(base: string, ...parts: string[]): string {
  if (!isRemote(base)) return path.join(base, ...parts);
  const [, root, rest] = /^([a-z][a-z0-9+.-]*:\/\/[^/]*)(.*)$/i.exec(base)!;
  return `${root}${path.posix.join('/', rest!, ...parts)}`;
}

/**
 * A reference found in a properties file, seen from the directory that holds it: relative ones are joined,
 * absolute paths and URLs stand for themselves (an absolute path in a remote collection is a local one).
 */
export function resolveReference(directory: string, reference: string): string {
  if (schemeOf(reference) !== undefined || path.isAbsolute(reference))
    return absolutePath(reference);
  return joinPath(directory, reference).replace(/\/+$/, '');
}

/** Last part of a path or URL. */
export function nameOf(location: string): string {
  return path.posix.basename(location);
}

/** All but the last part of a path or URL. */
export function directoryOf(location: string): string {
  return isRemote(location) ? location.replace(/\/[^/]*$/, '') : path.dirname(location);
}
