/** The version of this package, as its package.json has it, in the sources and in `dist/` alike. */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

export const VERSION: string = JSON.parse(
  readFileSync(findPackageJSON(import.meta.url)!, 'utf8'),
).version;
