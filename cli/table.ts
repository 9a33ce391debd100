/** A readable table of rows: as many columns as fit the width, and how many are hidden. */
import type { Table } from 'apache-arrow';
import { countOf } from './format.ts';
import { isNumeric, valueText } from './value-text.ts';

const MAX_CELL = 32;
const GAP = '  ';
const NAMED_HIDDEN = 8;

interface TextColumn {
  readonly name: string;
  readonly cells: readonly string[];
  readonly width: number;
  readonly numeric: boolean;
}

/** Lines of the table, the names first, without blanks at their ends; then a line about hidden columns. */
export function tableLines(table: Table, width: number): string[] {
  const columns = table.schema.fields.map(({ name, type }, i) => {
    const vector = table.getChildAt(i)!;
    const cells = Array.from(vector, (value) => shortened(valueText(value, type)));
    const longest = cells.reduce((most, cell) => Math.max(most, cell.length), name.length);
    return { name, cells, width: longest, numeric: isNumeric(type) };
  });
  const shown = fitting(columns, width);
  const lines = [lineOf(shown, ({ name }) => name)];
  for (let row = 0; row < table.numRows; row++)
    lines.push(lineOf(shown, ({ cells }) => cells[row]!));
  const hidden = columns.slice(shown.length);
  return hidden.length === 0 ? lines : [...lines, hiddenText(hidden)];
}

/** The first columns that fit, at least one. */
function fitting(columns: readonly TextColumn[], width: number): readonly TextColumn[] {
  let used = 0;
  const count = columns.findIndex((column, i) => {
    used += column.width + (i === 0 ? 0 : GAP.length);
    return used > width && i > 0;
  });
  return count === -1 ? columns : columns.slice(0, count);
}

function lineOf(columns: readonly TextColumn[], cell: (column: TextColumn) => string): string {
  return columns
    .map((column) => {
      const text = cell(column);
      return column.numeric ? text.padStart(column.width) : text.padEnd(column.width);
    })
    .join(GAP)
    .trimEnd();
}

function hiddenText(hidden: readonly TextColumn[]): string {
  const names = hidden.slice(0, NAMED_HIDDEN).map(({ name }) => name);
  const more = hidden.length > names.length ? ', …' : '';
  return `… ${countOf(hidden.length, 'more column')}: ${names.join(', ')}${more} (choose with --columns)`;
}

function shortened(text: string): string {
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text;
}
