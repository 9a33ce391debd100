/** Values passed by value to user code, and what tells one set of them from another. */
import { createHash, randomUUID } from 'node:crypto';
import { serialize } from 'node:v8';
import { requestError } from '../../partitioning/error.ts';

export interface UserConstants {
  readonly value: unknown;
  /** Equal for equal values: what a worker has loaded for one set is never used for another. */
  readonly key: string;
}

/** A copy of `constants` as other threads will get it. Throws a request error for what cannot be copied. */
export function userConstants(constants: unknown): UserConstants {
  try {
    const value = structuredClone(constants);
    return Object.freeze({ value, key: keyOf(value) });
  } catch (error) {
    throw requestError(
      `the constants cannot be copied to another thread: ${(error as Error).message}`,
      'Pass plain values, arrays, typed arrays and objects of these; functions belong into a module.',
    );
  }
}

function keyOf(value: unknown): string {
  if (value === undefined) return '';
  try {
    return createHash('sha256').update(serialize(value)).digest('hex').slice(0, 32);
  } catch {
    // Shared memory can be passed on and not be written down: it is equal to nothing else.
    return randomUUID();
  }
}
