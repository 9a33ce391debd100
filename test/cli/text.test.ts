import {
  Bool,
  Decimal,
  Field,
  Float32,
  Int32,
  Int64,
  List,
  makeVector,
  Table,
  TimestampMillisecond,
  tableFromArrays,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test, vi } from 'vitest';
import { exitCodeOf, messageOf } from '../../cli/fail.ts';
import {
  aboutSecondsText,
  bytesText,
  countOf,
  countText,
  percentText,
  secondsText,
} from '../../cli/format.ts';
import { barText, createProgressView, lineText } from '../../cli/progress.ts';
import { tableLines } from '../../cli/table.ts';
import { abortedError, dataError, requestError } from '../../partitioning/error.ts';

describe('numbers for people', () => {
  test('counts', () => {
    expect(countText(1234567)).toBe('1,234,567');
    expect(countOf(1, 'pair')).toBe('1 pair');
    expect(countOf(0, 'pair')).toBe('0 pairs');
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [45_234, '45.2 kB'],
    [999_700, '1.0 MB'],
    [236e6, '236 MB'],
    [1.5e12, '1.5 TB'],
  ])('%d bytes', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  test.each([
    [0.416, '0.42 s'],
    [12.34, '12.3 s'],
    [59.97, '1 min 0 s'],
    [185.4, '3 min 5 s'],
    [3599.9, '1 h 0 min'],
    [8040, '2 h 14 min'],
  ])('%d seconds', (seconds, text) => {
    expect(secondsText(seconds)).toBe(text);
  });

  test('estimates and shares do not pretend', () => {
    expect(aboutSecondsText(0.2)).toBe('1 s');
    expect(aboutSecondsText(14.6)).toBe('15 s');
    expect(aboutSecondsText(185)).toBe('3 min 5 s');
    expect(percentText(0.99999)).toBe('99.99 %');
    expect(percentText(1)).toBe('100.00 %');
    expect(percentText(0.02233)).toBe('2.23 %');
  });
});

describe('errors', () => {
  test('each kind has its exit code', () => {
    expect(exitCodeOf(requestError('no'))).toBe(2);
    expect(exitCodeOf(dataError('bad'))).toBe(1);
    expect(exitCodeOf(abortedError())).toBe(130);
    expect(exitCodeOf(new TypeError('x'))).toBe(1);
  });

  test('the stack is shown on request only', () => {
    const error = requestError('no such thing', 'Try another.', 'here');
    expect(messageOf(error, false)).toBe('error: no such thing (here)\nTry another.\n');
    expect(messageOf(error, true)).toMatch(/^error: CrosshatchError: no such thing.*\n.*\n\s+at /);
    expect(messageOf(new TypeError('x is not\na function'), false)).toBe(
      'error: x is not\nThis is a defect of crosshatch; --debug shows where it happened.\n',
    );
  });
});

describe('progress', () => {
  const progress = {
    phase: 'match',
    tasksDone: 12,
    tasks: 27,
    rows: 1234567,
    elapsedSeconds: 9,
    remainingSeconds: 11,
  };

  test('as a line and as a bar', () => {
    expect(lineText(progress)).toBe(
      'match: 12 of 27 tasks, 1,234,567 rows, 9.00 s, about 11 s left',
    );
    expect(barText(progress)).toBe(
      'match [#########-----------]  45 %  1,234,567 rows  9.00 s, about 11 s left',
    );
  });

  test('without an estimate it counts tasks', () => {
    const early = { ...progress, rows: 0, remainingSeconds: null };
    expect(lineText(early)).toBe('match: 12 of 27 tasks, 9.00 s');
    expect(barText(early)).toBe('match [########------------]  44 %  9.00 s');
  });

  function recorder(isTTY: boolean) {
    const written: string[] = [];
    return { isTTY, columns: 40, written, write: (text: string) => written.push(text) };
  }

  test('auto draws a bar on a terminal, over itself, and clears it before text', () => {
    vi.useFakeTimers();
    const terminal = recorder(true);
    const view = createProgressView('auto', terminal);
    view.update(progress);
    vi.advanceTimersByTime(100);
    view.say('warning: watch out');
    vi.advanceTimersByTime(100);
    view.end();
    vi.useRealTimers();
    const clear = '\r\u001b[2K';
    const [bar, cleared, said, again, end] = terminal.written;
    expect(bar?.startsWith(`${clear}match [#`)).toBe(true);
    expect(bar!.length - clear.length).toBe(39);
    expect([cleared, said]).toEqual([clear, 'warning: watch out\n']);
    expect(again?.startsWith(`${clear}match [#`)).toBe(true);
    expect(end).toBe(clear);
  });

  test('auto writes a line every few seconds elsewhere, none for a short run', () => {
    vi.useFakeTimers();
    const file = recorder(false);
    const view = createProgressView('auto', file);
    view.update(progress);
    vi.advanceTimersByTime(4000);
    expect(file.written).toEqual([]);
    vi.advanceTimersByTime(7000);
    view.update({ ...progress, tasksDone: 27 });
    vi.advanceTimersByTime(20_000);
    view.end();
    vi.useRealTimers();
    expect(file.written).toHaveLength(2);
    expect(file.written[0]).toMatch(/^match: 12 of 27 tasks, .* left\n$/);
  });

  test('json writes every event as one object, and messages too; none only messages', () => {
    const file = recorder(false);
    const view = createProgressView('json', file);
    view.update(progress);
    view.say('warning: x');
    expect(file.written.map((line) => JSON.parse(line))).toEqual([
      progress,
      { message: 'warning: x' },
    ]);
    const quiet = recorder(true);
    const none = createProgressView('none', quiet);
    none.update(progress);
    none.say('warning: x');
    none.end();
    expect(quiet.written).toEqual(['warning: x\n']);
  });
});

describe('tables', () => {
  test('ids are exact, nulls are named, numbers end in one column', () => {
    const table = new Table({
      id: vectorFromArray([9223372036854775807n, null, -1n], new Int64()),
      mag: vectorFromArray([15.09011, null, Number.NaN], new Float32()),
      band: vectorFromArray(['g', null, 'a\nb\u001b[2J'], new Utf8()),
      seen: vectorFromArray([true, false, null], new Bool()),
    });
    expect(tableLines(table, 100)).toEqual([
      '                 id       mag  band           seen',
      '9223372036854775807  15.09011  g              true',
      '               null      null  null           false',
      '                 -1       NaN  a\\nb\\u001b[2J  null',
    ]);
  });

  test('doubles keep what a position needs', () => {
    const table = tableFromArrays({ ra: Float64Array.of(348.0771583625243, 0.1 + 0.2, 1e-300) });
    expect(tableLines(table, 100).slice(1)).toEqual([
      '348.077158363',
      '          0.3',
      '       1e-300',
    ]);
  });

  test('lists, times and decimals are readable', () => {
    const list = new List(new Field('item', new Int32()));
    const decimal = makeVector({
      type: new Decimal(2, 38, 128),
      data: Uint32Array.of(12345, 0, 0, 0, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff),
    });
    const table = new Table({
      curve: vectorFromArray(
        [
          [1, 2],
          [1, 2, 3, 4],
        ],
        list,
      ),
      at: vectorFromArray([new Date(0), null], new TimestampMillisecond()),
      price: decimal,
    });
    expect(tableLines(table, 200).slice(1)).toEqual([
      '[1, 2]                 1970-01-01T00:00:00.000Z  123.45',
      '[1, 2, 3, … 4 values]  null                       -0.01',
    ]);
  });

  test('columns that do not fit are counted and named', () => {
    const names = Array.from({ length: 12 }, (_, i) => `column_${i}`);
    const table = tableFromArrays(
      Object.fromEntries(names.map((name) => [name, Float64Array.of(1)])),
    );
    const lines = tableLines(table, 30);
    expect(lines).toEqual([
      'column_0  column_1  column_2',
      '       1         1         1',
      '… 9 more columns: column_3, column_4, column_5, column_6, column_7, column_8, column_9, column_10, … (choose with --columns)',
    ]);
    expect(tableLines(table, 1)[0]).toBe('column_0');
  });

  test('long text is cut, and a table without rows still has its names', () => {
    const table = new Table({ text: vectorFromArray(['x'.repeat(50)], new Utf8()) });
    expect(tableLines(table, 100)[1]).toBe(`${'x'.repeat(31)}…`);
    expect(tableLines(table.slice(0, 0), 100)).toEqual(['text']);
  });
});
