/** How much is asked of a host at a time. */
import { describe, expect, test } from 'vitest';
import { Gate, MAX_BYTES_IN_FLIGHT } from '../../catalogs/remote/limits.ts';

const MEGABYTE = 1 << 20;

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the gate', () => {
  test('lets a number of requests through, the others in their order', async () => {
    const gate = new Gate();
    const entered: number[] = [];
    for (let i = 0; i < 12; i++) void gate.enter(MEGABYTE).then(() => entered.push(i));
    await settle();
    expect(entered).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    gate.leave(MEGABYTE, null);
    await settle();
    expect(entered.at(-1)).toBe(8);
    expect(gate.running).toBe(8);
  });

  test('lets more small files through at a time, but not where the server has asked for less', async () => {
    const running = async (gate: Gate) => {
      for (let i = 0; i < 100; i++) void gate.enter(1);
      await new Promise((resolve) => setTimeout(resolve, 40));
      return gate.running;
    };
    expect(await running(new Gate())).toBe(24);
    const warned = new Gate();
    warned.throttle(1);
    expect(await running(warned)).toBe(4);
    // As many as it grows to again, but never all of them at once.
    for (let i = 0; i < 40; i++) warned.leave(1, 1);
    expect(warned.limit).toBeLessThan(24);
    expect(warned.running).toBe(warned.limit);
  });

  test('bounds the bytes that fill the line, so that what came first is there first', async () => {
    const gate = new Gate();
    for (let i = 0; i < 8; i++) void gate.enter(8 * MEGABYTE);
    await settle();
    expect(gate.running).toBe(4);
  });

  test('bounds the bytes in flight, but lets one request through whatever its size', async () => {
    const gate = new Gate();
    const entered: string[] = [];
    void gate.enter(MAX_BYTES_IN_FLIGHT * 2).then(() => entered.push('large'));
    void gate.enter(1).then(() => entered.push('small'));
    await settle();
    expect(entered).toEqual(['large']);
    gate.leave(MAX_BYTES_IN_FLIGHT * 2, null);
    await settle();
    expect(entered).toEqual(['large', 'small']);
  });

  test('halves when throttled, pauses, and grows again while that brings more', async () => {
    let now = 0;
    const gate = new Gate(() => now);
    expect(gate.limit).toBe(8);
    gate.throttle(30);
    // Requests that were on their way together are told together.
    gate.throttle(30);
    expect(gate.limit).toBe(4);
    let entered = false;
    void gate.enter(1).then(() => {
      entered = true;
    });
    await settle();
    expect(entered).toBe(false);
    now = 31;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(entered).toBe(true);
    gate.leave(1, 1);
    // Ever more bytes per millisecond, with requests waiting all the time: the limit rises again.
    for (let round = 0; round < 6; round++) {
      const batch = gate.limit;
      for (let i = 0; i < batch + 1; i++) void gate.enter(1).catch(() => {});
      await settle();
      now += 10;
      for (let i = 0; i < batch; i++) gate.leave(1, 1e6 * 2 ** round);
    }
    expect(gate.limit).toBeGreaterThan(6);
  });

  /** Rounds of requests of one size, with others waiting; `ms`: how long those of a round take. */
  async function limitsOf(bytes: number, ms: (running: number) => number): Promise<number[]> {
    let now = 0;
    const gate = new Gate(() => now);
    const seen: number[] = [];
    let waiting = 0;
    for (let round = 0; round < 40; round++) {
      seen.push(gate.running);
      for (; waiting < 300; waiting++) void gate.enter(bytes);
      await settle();
      const { running } = gate;
      now += ms(running);
      for (let i = 0; i < running; i++) gate.leave(bytes, bytes);
      waiting -= running;
      await settle();
    }
    return seen;
  }

  test.each([1, MEGABYTE, 16 * MEGABYTE])(
    'goes back when more requests of %i bytes bring no more',
    async (bytes) => {
      // The line is full: the same bytes per millisecond, however many share it.
      const seen = await limitsOf(bytes, (running) => 10 * running);
      expect(Math.max(...seen)).toBeLessThanOrEqual(bytes === 1 ? 30 : 16);
    },
  );

  test.each([
    [1, 64],
    [MEGABYTE, 64],
    [16 * MEGABYTE, 4],
  ])('asks for more of %i bytes as long as that brings more', async (bytes, most) => {
    const seen = await limitsOf(bytes, () => 30);
    expect(Math.max(...seen)).toBe(most);
  });

  test('forgets who gave up waiting', async () => {
    const gate = new Gate();
    for (let i = 0; i < 8; i++) await gate.enter(MEGABYTE);
    const end = new AbortController();
    const waiting = gate.enter(MEGABYTE, end.signal);
    end.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    gate.leave(MEGABYTE, null);
    expect(gate.running).toBe(7);
  });
});
