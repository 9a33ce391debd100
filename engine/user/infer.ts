/** Types of columns out of what the first calls of user code return. */
import { shown, WrongOutput } from './outputs.ts';

/**
 * Types by name as far as values told: null where there was none, {@link ANY_LIST} where all lists were empty,
 * {@link EITHER} where whole numbers fit both signed and unsigned ones.
 */
export type LearntTypes = Readonly<Record<string, string | null>>;

const ANY_LIST = '[]';
const EITHER = 'BIGINT?';

/** The columns that returned objects tell of. Throws {@link WrongOutput} for values that no column holds. */
export function learntTypes(returned: readonly Readonly<Record<string, unknown>>[]): LearntTypes {
  return joinedTypes(
    returned.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeOfValue(name, value)]),
      ),
    ),
  );
}

/** Whether a type that is known so far may turn out to be another. */
function mayBecome(known: string | null, type: string | null): boolean {
  if (known === null) return true;
  if (type === null) return false;
  if (known === ANY_LIST) return type.endsWith('[]');
  if (known.endsWith('[]') && type.endsWith('[]')) {
    return mayBecome(known.slice(0, -2), type.slice(0, -2));
  }
  return known === EITHER && (type === 'BIGINT' || type === 'UBIGINT');
}

/** What several parts told, in their order: the first type that is known decides. */
export function joinedTypes(parts: readonly LearntTypes[]): LearntTypes {
  const types = new Map<string, string | null>();
  for (const part of parts) {
    for (const [name, type] of Object.entries(part)) {
      const known = types.get(name) ?? null;
      types.set(name, mayBecome(known, type) ? type : known);
    }
  }
  return Object.fromEntries(types);
}

/** The types that columns get; numbers where nothing was told. */
export function decidedTypes(learnt: LearntTypes): Record<string, string> {
  return Object.fromEntries(Object.entries(learnt).map(([name, type]) => [name, decided(type)]));
}

function decided(type: string | null): string {
  if (type === ANY_LIST) return 'DOUBLE[]';
  return type?.replace(EITHER, 'BIGINT') ?? 'DOUBLE';
}

const ARRAY_TYPES: readonly (readonly [abstract new (...args: never) => unknown, string])[] = [
  [Float64Array, 'DOUBLE[]'],
  [Float32Array, 'FLOAT[]'],
  [BigInt64Array, 'BIGINT[]'],
  [BigUint64Array, 'UBIGINT[]'],
  [Uint32Array, 'BIGINT[]'],
  [Int32Array, 'INTEGER[]'],
  [Int16Array, 'INTEGER[]'],
  [Int8Array, 'INTEGER[]'],
  [Uint16Array, 'INTEGER[]'],
  [Uint8Array, 'INTEGER[]'],
  [Uint8ClampedArray, 'INTEGER[]'],
];

/** What a value tells of its column's type. Throws {@link WrongOutput} for one that no column holds. */
export function typeOfValue(name: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) {
    const first = value.find((item) => item !== null && item !== undefined);
    if (first === undefined) return ANY_LIST;
    // Of whole numbers the one that tells most.
    const telling = typeof first === 'bigint' ? (value.find(isOneSided) ?? first) : first;
    const type = scalarType(telling);
    if (type !== undefined) return `${type}[]`;
  }
  const type = scalarType(value) ?? ARRAY_TYPES.find(([array]) => value instanceof array)?.[1];
  if (type !== undefined) return type;
  throw new WrongOutput(
    `${name} is ${shown(value)}: columns are made of numbers, bigints, texts, booleans and arrays of these`,
  );
}

const LARGEST_SIGNED = 2n ** 63n - 1n;

/** A whole number that only one of the two types holds. */
function isOneSided(value: unknown): boolean {
  return typeof value === 'bigint' && (value < 0n || value > LARGEST_SIGNED);
}

function scalarType(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return 'DOUBLE';
    case 'bigint':
      if (value < 0n) return 'BIGINT';
      return value > LARGEST_SIGNED ? 'UBIGINT' : EITHER;
    case 'boolean':
      return 'BOOLEAN';
    case 'string':
      return 'VARCHAR';
    default:
      return undefined;
  }
}
