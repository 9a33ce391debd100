/** Sample data that lies beside the checkout and is not part of it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(
  import.meta.dirname,
  '..',
  process.env.CROSSHATCH_SHARED ?? path.join('..', 'shared'),
);

/** Absolute path of a file or folder of the sample data. */
export function sharedPath(...parts: string[]): string {
  return path.join(root, ...parts);
}

/**
 * A group of tests over the sample data: skipped where it is absent, but a failure there when `CI=true`,
 * since a check that silently tests nothing is none.
 */
export function describeShared(name: string, define: () => void): void {
  if (existsSync(root)) {
    describe(name, define);
  } else if (process.env.CI === 'true') {
    describe(name, () => {
      test('finds the sample data', () => {
        throw new Error(`no sample data at ${root}: set CROSSHATCH_SHARED to their folder`);
      });
    });
  } else {
    // The group is not defined at all: its table of cases may itself come from the data.
    describe(name, () => {
      test.skip('needs the sample data', () => expect.unreachable());
    });
  }
}
