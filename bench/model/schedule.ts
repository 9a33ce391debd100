/**
 * A run in a model: tasks on the cores of one machine, the largest first. While tasks ask for more bytes a second than the network
 * or the memory gives, all of them slow down alike, and so they do the more cores are busy. The main thread hands out one task after the
 * other.
 */

/** Work of one task when it has the machine for itself. */
export interface ModelTask {
  readonly seconds: number;
  /** From the network or the disk. */
  readonly storeBytes: number;
  readonly memoryBytes: number;
}

export interface ModelMachine {
  readonly cores: number;
  readonly storeBytesPerSecond: number;
  readonly memoryBytesPerSecond: number;
  /** Time of the main thread for each task. */
  readonly dispatchSeconds: number;
  /** Before the first task begins. */
  readonly startSeconds: number;
  /** Left out: cores do not slow each other down. */
  readonly crowding?: Crowding;
}

/** With all `cores` busy a task takes `factor` times as long as alone; in between it grows with the busy cores. */
export interface Crowding {
  readonly factor: number;
  readonly cores: number;
}

/** What made a run longer than its work over its cores. */
export const LIMITS = ['store', 'memory', 'crowding', 'dispatch', 'tail', 'start'] as const;
export type Limit = (typeof LIMITS)[number];

export interface ModelRun {
  readonly seconds: number;
  /** Work over cores and time. */
  readonly efficiency: number;
  /** Core-seconds without work, or with slower work, by what was the reason. */
  readonly lost: Readonly<Record<Limit, number>>;
  /** The largest of them, or `cores`: more of those would help most. */
  readonly limit: Limit | 'cores';
}

/** Below this share of the core-seconds nothing counts as a limit. */
const NOTABLE = 0.1;

/** @throws where a number makes no sense */
export function simulate(tasks: readonly ModelTask[], machine: ModelMachine): ModelRun {
  check(tasks, machine);
  const queue = [...tasks].sort((a, b) => b.seconds - a.seconds);
  const lost = { store: 0, memory: 0, crowding: 0, dispatch: 0, tail: 0, start: 0 };
  lost.start = machine.cores * machine.startSeconds;
  let now = machine.startSeconds;
  /** Seconds of work that every running task has had since the beginning: all are slowed down alike. */
  let worked = 0;
  const running = new Running();
  for (let next = 0; next < queue.length || running.size > 0; ) {
    const released = machine.startSeconds + (next + 1) * machine.dispatchSeconds;
    if (next < queue.length && running.size < machine.cores && released <= now + 1e-12) {
      running.add(queue[next++]!, worked);
      continue;
    }
    const { speed, limit } = speedOf(running, machine);
    const untilEnd =
      running.size > 0 ? (running.nextEnd - worked) / speed : Number.POSITIVE_INFINITY;
    const waits = next < queue.length && running.size < machine.cores;
    const untilRelease = waits ? released - now : Number.POSITIVE_INFINITY;
    const step = Math.min(untilEnd, untilRelease);
    if (limit !== null) lost[limit] += running.size * (1 - speed) * step;
    lost[waits ? 'dispatch' : 'tail'] += (machine.cores - running.size) * step;
    now += step;
    worked += speed * step;
    if (untilEnd <= untilRelease) worked = running.end();
  }
  const work = queue.reduce((sum, { seconds }) => sum + seconds, 0);
  const all = machine.cores * now;
  const [limit, most] = Object.entries(lost).reduce((a, b) => (b[1] > a[1] ? b : a));
  return {
    seconds: now,
    efficiency: all === 0 ? 1 : work / all,
    lost,
    limit: most > NOTABLE * all ? (limit as Limit) : 'cores',
  };
}

function speedOf(running: Running, machine: ModelMachine) {
  const store = machine.storeBytesPerSecond / running.storeBytesPerSecond;
  const memory = machine.memoryBytesPerSecond / running.memoryBytesPerSecond;
  const own = 1 / slowdown(running.size, machine.crowding);
  // What is asked for adds and subtracts: rounding must not count as a limit.
  if (Math.min(store, memory) >= own - 1e-9) {
    return { speed: own, limit: own < 1 ? ('crowding' as const) : null };
  }
  return store < memory
    ? { speed: store, limit: 'store' as const }
    : { speed: memory, limit: 'memory' as const };
}

function slowdown(busy: number, crowding: Crowding | undefined): number {
  if (crowding === undefined || crowding.cores < 2 || busy < 2) return 1;
  return 1 + ((crowding.factor - 1) * (busy - 1)) / (crowding.cores - 1);
}

interface RunningTask {
  readonly task: ModelTask;
  /** On the scale of work, not of time. */
  readonly end: number;
}

/** Running tasks, and what they ask for: a heap by their ends. */
class Running {
  readonly #heap: RunningTask[] = [];
  storeBytesPerSecond = 0;
  memoryBytesPerSecond = 0;

  get size(): number {
    return this.#heap.length;
  }

  get nextEnd(): number {
    return this.#heap[0]!.end;
  }

  add(task: ModelTask, worked: number): void {
    this.#count(task, 1);
    const heap = this.#heap;
    heap.push({ task, end: worked + task.seconds });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.end <= heap[i]!.end) break;
      this.#swap(parent, i);
      i = parent;
    }
  }

  /** Ends the next task. @returns the work that tasks have had by then */
  end(): number {
    const heap = this.#heap;
    const ended = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) heap[0] = last;
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (left < heap.length && heap[left]!.end < heap[least]!.end) least = left;
      if (right < heap.length && heap[right]!.end < heap[least]!.end) least = right;
      if (least === i) break;
      this.#swap(i, least);
      i = least;
    }
    this.#count(ended.task, -1);
    return ended.end;
  }

  #count({ seconds, storeBytes, memoryBytes }: ModelTask, sign: number): void {
    // What rounding leaves of tasks that have ended is not asked for.
    const left = (before: number, bytes: number) => Math.max(0, before + (sign * bytes) / seconds);
    this.storeBytesPerSecond = left(this.storeBytesPerSecond, storeBytes);
    this.memoryBytesPerSecond = left(this.memoryBytesPerSecond, memoryBytes);
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  }
}

function check(tasks: readonly ModelTask[], machine: ModelMachine): void {
  if (!(Number.isInteger(machine.cores) && machine.cores >= 1)) {
    throw new Error(`a machine has a whole number of cores, not ${machine.cores}`);
  }
  if (!(machine.storeBytesPerSecond > 0 && machine.memoryBytesPerSecond > 0)) {
    throw new Error('bytes come at some rate');
  }
  if (!((machine.crowding?.factor ?? 1) >= 1)) throw new Error('busy cores speed nothing up');
  for (const { seconds } of tasks) {
    if (!(seconds > 0 && Number.isFinite(seconds))) {
      throw new Error(`a task takes some time, not ${seconds} s`);
    }
  }
}

/**
 * Tasks shared among machines, the largest first, each to the machine with the least work: as a user would cut the sky into
 * as many runs.
 */
export function shareOut(tasks: readonly ModelTask[], machines: number): ModelTask[][] {
  const shares = Array.from({ length: machines }, () => ({ work: 0, tasks: [] as ModelTask[] }));
  for (const task of [...tasks].sort((a, b) => b.seconds - a.seconds)) {
    let least = shares[0]!;
    for (const share of shares) if (share.work < least.work) least = share;
    least.work += task.seconds;
    least.tasks.push(task);
  }
  return shares.map((share) => share.tasks);
}
