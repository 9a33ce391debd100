import { describe, expect, test } from 'vitest';
import type { Task } from '../../engine/task.ts';
import { createPacker, createUnpacker, isPlain } from '../../workers/shared-parts.ts';

/** A task of which only what matters here is there. */
function taskOf(id: number, program: object, sink: object = { kind: 'count' }): Task {
  return { kind: 'cells', id, program, cells: [], sink, slackArcsec: 0 } as unknown as Task;
}

const program = { root: { kind: 'scan', scan: 0 }, computed: [], scans: [{ label: 'gaia' }] };

/** What a thread gets of a message. */
const sent = <Message>(message: Message): Message => structuredClone(message);

describe('parts that tasks share', () => {
  test('a task comes out as it went in, shared or not', () => {
    const [pack, unpack] = [createPacker(), createUnpacker()];
    const tasks = [0, 1, 2, 3].map((id) => taskOf(id, program));
    expect(tasks.map((task) => unpack(sent(pack(task))))).toEqual(tasks);
  });

  test('the second task on carries the bytes of the part, all the same ones', () => {
    const pack = createPacker();
    const [first, second, third] = [0, 1, 2].map((id) => pack(taskOf(id, program)));
    expect(first!.rest).toHaveProperty('program');
    expect(first!.shared).toEqual({});
    expect(second!.rest).not.toHaveProperty('program');
    expect(third!.shared['program']!.bytes).toBe(second!.shared['program']!.bytes);
    expect(third!.shared['program']!.id).toBe(second!.shared['program']!.id);
  });

  test('a worker reads a part once', () => {
    const [pack, unpack] = [createPacker(), createUnpacker()];
    const programs = [0, 1, 2, 3].map((id) => {
      const task = unpack(sent(pack(taskOf(id, program))));
      return task.kind === 'cells' ? task.program : null;
    });
    expect(programs[2]).toBe(programs[1]);
    expect(programs[3]).toBe(programs[1]);
  });

  test('a part of other content between tasks is never taken for the one before', () => {
    const [pack, unpack] = [createPacker(), createUnpacker()];
    const other = { ...program, scans: [{ label: 'ztf' }] };
    const tasks = [program, program, other, program, other, other].map((part, id) =>
      taskOf(id, part, { kind: 'map', order: id % 2 }),
    );
    expect(tasks.map((task) => unpack(sent(pack(task))))).toEqual(tasks);
  });

  test('more runs at once than a worker keeps parts of', () => {
    const [pack, unpack] = [createPacker(), createUnpacker()];
    const programs = Array.from({ length: 40 }, (_, run) => ({ ...program, run }));
    const tasks = Array.from({ length: 200 }, (_, id) => taskOf(id, programs[id % 40]!));
    expect(tasks.map((task) => unpack(sent(pack(task))))).toEqual(tasks);
  });

  test('a worker that was replaced knows none of the parts, and needs none', () => {
    const pack = createPacker();
    pack(taskOf(0, program));
    const task = taskOf(1, program);
    const packed = pack(task);
    createUnpacker()(sent(packed));
    expect(createUnpacker()(sent(packed))).toEqual(task);
  });

  test('constants that bytes cannot hold go with each task', () => {
    const pack = createPacker();
    const shared = new SharedArrayBuffer(8);
    const part = { ...program, constants: { shared } };
    for (const id of [0, 1, 2]) {
      const task = taskOf(id, part);
      const { rest } = pack(task);
      expect(rest).toHaveProperty('program.constants.shared', shared);
    }
  });

  test.each([
    ['a record', { a: 1, b: [true, null, 'x', 3n, undefined], c: new Map([[1, new Set([2])]]) }],
    ['numbers', { d: new Float64Array([Number.NaN, -0]), e: new BigInt64Array([5n]) }],
    ['part of a buffer', new Int32Array(new ArrayBuffer(64), 16, 3).fill(7)],
    ['a date', [new Date(5)]],
    ['no prototype', Object.assign(Object.create(null), { a: 1 })],
  ])('%s is the same again', (_, value) => {
    expect(isPlain(value)).toBe(true);
    const [pack, unpack] = [createPacker(), createUnpacker()];
    const part = { value };
    pack(taskOf(0, part));
    const { program: got } = unpack(sent(pack(taskOf(1, part)))) as unknown as { program: object };
    expect(got).toEqual(structuredClone(part));
  });

  test('a value that holds itself', () => {
    const ring: Record<string, unknown> = { a: 1 };
    ring['self'] = ring;
    expect(isPlain(ring)).toBe(true);
  });

  test.each([
    ['shared memory', new SharedArrayBuffer(8)],
    ['a view of shared memory', { a: new Uint8Array(new SharedArrayBuffer(8)) }],
    ['a buffer of Node', [Buffer.from('abc')]],
    ['a regular expression', /a/],
    ['an error', new Error('a')],
    ['a boxed number', Object(1)],
    ['in a map', new Map([['key', /a/]])],
    ['in a set', new Set([/a/])],
  ])('%s is not', (_, value) => {
    expect(isPlain({ value })).toBe(false);
  });
});
