/**
 * What many tasks have in common, such as their program, crosses to the workers as shared memory and is read once by each,
 * instead of being copied for every task: the main thread hands tasks to all of them.
 */
import { deserialize, serialize } from 'node:v8';
import type { Task } from '../engine/task.ts';

/** Parts of tasks that can be the same object for many of them. */
const PARTS = ['program', 'sink', 'scan', 'spec'] as const;

/** A part in the form in which it is sent. */
interface SharedPart {
  readonly id: number;
  readonly bytes: SharedArrayBuffer;
}

/** A task on its way to a worker. */
export interface PackedTask {
  /** The task, without the parts in `shared`. */
  readonly rest: object;
  readonly shared: Readonly<Record<string, SharedPart>>;
}

/** Turns tasks into what is sent. From its second task on a part is shared: many are of one task only. */
export function createPacker(): (task: Task) => PackedTask {
  /** By the part itself, which is never changed: null when met once, or when it cannot be shared. */
  const known = new WeakMap<object, SharedPart | null>();
  let parts = 0;
  const shareable = (part: object): SharedPart | null => {
    const found = known.get(part);
    if (found === undefined) known.set(part, null);
    if (found !== null) return found ?? null;
    if (!isPlain(part)) return null;
    const shared = { id: parts++, bytes: sharedCopy(serialize(part)) };
    known.set(part, shared);
    return shared;
  };
  return (task) => {
    const rest: Record<string, unknown> = { ...task };
    const shared: Record<string, SharedPart> = {};
    for (const name of PARTS) {
      const part = rest[name];
      if (typeof part !== 'object' || part === null) continue;
      const sent = shareable(part);
      if (sent === null) continue;
      shared[name] = sent;
      delete rest[name];
    }
    return { rest, shared };
  };
}

/** Parts that a worker keeps: a few runs may be under way at a time. */
const KEPT_PARTS = 16;

/** Turns what was sent by one packer into tasks again. */
export function createUnpacker(): (packed: PackedTask) => Task {
  const kept = new Map<number, unknown>();
  const read = ({ id, bytes }: SharedPart): unknown => {
    const found = kept.get(id);
    // The one used last goes last.
    kept.delete(id);
    const part = found ?? deserialize(ownCopy(bytes));
    kept.set(id, part);
    if (kept.size > KEPT_PARTS) kept.delete(kept.keys().next().value!);
    return part;
  };
  return ({ rest, shared }) => {
    const parts = Object.entries(shared).map(([name, part]) => [name, read(part)]);
    return { ...rest, ...Object.fromEntries(parts) } as Task;
  };
}

/** Arrays in what is read lie over these bytes: no other worker may see them change. */
function ownCopy(bytes: SharedArrayBuffer): Uint8Array {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(new Uint8Array(bytes));
  return copy;
}

function sharedCopy(bytes: Uint8Array): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}

/** Views that come back from bytes as what they were, unlike Node's own Buffer. */
const VIEWS: ReadonlySet<unknown> = new Set([
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[BigInt64Array, BigUint64Array, Float32Array, Float64Array],
]);

/**
 * Whether the bytes of a value make the same value again. Constants of user code may be anything that can be copied to a
 * thread: what is shared between threads, or belongs to Node, is not to be had from bytes.
 */
export function isPlain(value: unknown, seen: Set<object> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  if (seen.has(value)) return true;
  seen.add(value);
  const isPart = (part: unknown) => isPlain(part, seen);
  if (Array.isArray(value)) return value.every(isPart);
  if (value instanceof Map) return [...value].flat().every(isPart);
  if (value instanceof Set) return [...value].every(isPart);
  if (ArrayBuffer.isView(value)) {
    return VIEWS.has(value.constructor) && value.buffer instanceof ArrayBuffer;
  }
  const prototype = Object.getPrototypeOf(value);
  const isRecord = prototype === Object.prototype || prototype === null;
  return value instanceof Date || (isRecord && Object.values(value).every(isPart));
}
