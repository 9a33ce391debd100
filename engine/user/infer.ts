/** Types of columns out of what the first calls of user code return. */
import { shown, WrongOutput } from './outputs.ts';

/** The columns that returned objects tell of: the first value that is not null decides; DOUBLE where there is none. */
export function inferOutputs(
  returned: readonly Readonly<Record<string, unknown>>[],
): Record<string, string> {
  const types = new Map<string, string | null>();
  for (const row of returned) {
    for (const [name, value] of Object.entries(row)) {
      types.set(name, types.get(name) ?? typeOfValue(name, value));
    }
  }
  return Object.fromEntries([...types].map(([name, type]) => [name, type ?? 'DOUBLE']));
}

const ARRAY_TYPES: readonly (readonly [abstract new (...args: never) => unknown, string])[] = [
  [Float64Array, 'DOUBLE[]'],
  [Float32Array, 'FLOAT[]'],
  [BigInt64Array, 'BIGINT[]'],
  [BigUint64Array, 'BIGINT[]'],
  [Uint32Array, 'BIGINT[]'],
  [Int32Array, 'INTEGER[]'],
  [Int16Array, 'INTEGER[]'],
  [Int8Array, 'INTEGER[]'],
  [Uint16Array, 'INTEGER[]'],
  [Uint8Array, 'INTEGER[]'],
  [Uint8ClampedArray, 'INTEGER[]'],
];

/** Type of a column with such a value; null where the value says nothing. Throws {@link WrongOutput} for others. */
export function typeOfValue(name: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) {
    const first = value.find((item) => item !== null && item !== undefined);
    if (first === undefined) return null;
    const type = scalarType(first);
    if (type !== undefined) return `${type}[]`;
  }
  const type = scalarType(value) ?? ARRAY_TYPES.find(([array]) => value instanceof array)?.[1];
  if (type !== undefined) return type;
  throw new WrongOutput(
    `${name} is ${shown(value)}: columns are made of numbers, bigints, texts, booleans and arrays of these`,
  );
}

function scalarType(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return 'DOUBLE';
    case 'bigint':
      return 'BIGINT';
    case 'boolean':
      return 'BOOLEAN';
    case 'string':
      return 'VARCHAR';
    default:
      return undefined;
  }
}
