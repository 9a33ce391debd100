/** A folder for what a test file writes, removed at its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

/** Gives paths inside a new folder; call it once, at the top of a test file. */
export function tempFolder(): (...parts: string[]) => string {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosshatch-query-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (...parts) => path.join(folder, ...parts);
}
