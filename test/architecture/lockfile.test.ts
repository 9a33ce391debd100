import { expect, test } from 'vitest';
import { textOf } from './source.ts';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Record<string, string>;
}

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const { packages } = JSON.parse(textOf('package-lock.json')) as {
  packages: Record<string, LockedPackage>;
};
const manifest = JSON.parse(textOf('package.json')) as Manifest;

test('every version is exact, and the locked one', () => {
  const asked = { ...manifest.dependencies, ...manifest.devDependencies };
  const locked = Object.keys(asked).map((name) => [
    name,
    packages[`node_modules/${name}`]?.version,
  ]);
  expect(Object.fromEntries(locked)).toEqual(asked);
});

// A registry that lacks the binaries of a platform makes `npm install` leave them out of the lockfile
// silently, and then `npm ci` fails.
test('the packages of other platforms are locked too', () => {
  const named = Object.values(packages).flatMap((entry) =>
    Object.keys(entry.optionalDependencies ?? {}),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
});

test('no package is taken from elsewhere than the public registry', () => {
  const places = Object.values(packages).flatMap(({ resolved }) => resolved ?? []);
  const elsewhere = places.filter((url) => !url.startsWith('https://registry.npmjs.org/'));
  expect(elsewhere).toEqual([]);
});
