import { describe, expect, test } from 'vitest';
import type { Session } from '../../engine/session.ts';
import { LazySession } from '../../workers/lazy-session.ts';

/** A database that counts what becomes of it. */
function counted(fails = 0) {
  const seen = { opened: 0, closed: 0, flags: 0, statements: [] as string[] };
  const open = async (): Promise<Session> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (seen.opened++ < fails) throw new Error('no room');
    return {
      async run(sql: string) {
        seen.statements.push(sql);
        return 7;
      },
      stopAt: () => seen.flags++,
      checkStop() {},
      close: () => seen.closed++,
    } as unknown as Session;
  };
  return { seen, session: new LazySession(open) };
}

describe('a session that opens its database when it is needed', () => {
  test('opens none without a statement', () => {
    const { seen, session } = counted();
    session.stopAt(new Int32Array(1));
    session.checkStop();
    session.close();
    expect(seen).toEqual({ opened: 0, closed: 0, flags: 0, statements: [] });
  });

  test('opens one for statements that come at once, and says so once', async () => {
    const { seen, session } = counted();
    const told: number[] = [];
    session.onOpen((ms) => told.push(ms));
    session.stopAt(new Int32Array(1));
    expect(await Promise.all(['a', 'b'].map((sql) => session.run(sql)))).toEqual([7, 7]);
    await session.run('c');
    session.stopAt(new Int32Array(1));
    session.close();
    expect(seen).toEqual({ opened: 1, closed: 1, flags: 2, statements: ['a', 'b', 'c'] });
    expect(told).toHaveLength(1);
    expect(told[0]).toBeGreaterThan(0);
  });

  test('opens none once it is to stop', async () => {
    const { seen, session } = counted();
    session.stopAt(Int32Array.of(1));
    expect(() => session.checkStop()).toThrow('interrupted');
    await expect(session.run('a')).rejects.toThrow('interrupted');
    expect(seen.opened).toBe(0);
  });

  test('leaves none open that was closed while it opened', async () => {
    const { seen, session } = counted();
    const running = session.run('a');
    session.close();
    await expect(running).rejects.toThrow('interrupted');
    expect(seen).toMatchObject({ opened: 1, closed: 1, statements: [] });
  });

  test('fails as its database does', async () => {
    const { session } = counted(1);
    await expect(session.run('a')).rejects.toThrow('no room');
    await expect(session.run('a')).rejects.toThrow('no room');
  });
});
