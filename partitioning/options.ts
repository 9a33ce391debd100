/** Options of public methods: a name that a method does not know is a slip, and to ignore it is to do something else. */
import { requestError } from './error.ts';
import { nearestNames } from './nearest-names.ts';

/** The names of options, as a record: the compiler finds one that is missing, and one that `T` does not have. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/**
 * Refuses options that `method` does not have. Called where users call, since methods hand more than their own to
 * those that they are made of; values are looked at elsewhere.
 * @throws request error naming the option and what it may have meant
 */
export function checkOptions<T extends object>(
  method: string,
  options: T,
  known: OptionNames<T>,
): void {
  const names = Object.keys(known);
  const listed = `Options: ${names.join(', ')}.`;
  // Callers without a type checker may give anything.
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw requestError(`the options of ${method} are not an object`, listed);
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const [near] = nearestNames(unknown, names);
  const guess = near === undefined ? '' : `: did you mean "${near}"?`;
  throw requestError(`${method} has no option "${unknown}"${guess}`, listed);
}
