/** Values of Arrow columns as short text: whole numbers exact, floats at the digits that mean something. */
import { DataType, type Field } from 'apache-arrow';

/** Of a right ascension, a few microarcseconds. */
const DOUBLE_DIGITS = 12;
const FLOAT_DIGITS = 7;
const SHOWN_ITEMS = 3;

/** The text of one value of a column of this type. */
export function valueText(value: unknown, type: DataType): string {
  if (value === null || value === undefined) return 'null';
  if (DataType.isFloat(type)) return floatText(Number(value), type.precision === 2);
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return timeText(Number(value), type);
  if (DataType.isDecimal(type)) return decimalText(value as Uint32Array, type.scale);
  if (DataType.isDictionary(type)) return valueText(value, type.dictionary);
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    return listText(value as Iterable<unknown>, type.children[0]!);
  }
  if (DataType.isStruct(type)) {
    const struct = value as Record<string, unknown>;
    const fields = type.children.map(
      ({ name, type: inner }: Field) => `${name}: ${valueText(struct[name], inner)}`,
    );
    return `{${fields.join(', ')}}`;
  }
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return plainText(String(value));
}

/** Whether a column of numbers, which are aligned by their last digit. */
export function isNumeric(type: DataType): boolean {
  return DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type);
}

function floatText(value: number, isDouble: boolean): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(isDouble ? DOUBLE_DIGITS : FLOAT_DIGITS)));
}

/** Arrow gives milliseconds for every unit. */
function timeText(ms: number, type: DataType): string {
  const time = new Date(ms);
  if (Number.isNaN(time.getTime())) return String(ms);
  return DataType.isDate(type) ? time.toISOString().slice(0, 10) : time.toISOString();
}

/** Four or eight 32-bit words, the least first, in two's complement. */
function decimalText(words: Uint32Array, scale: number): string {
  let bits = 0n;
  for (const word of Array.from(words).reverse()) bits = (bits << 32n) | BigInt(word);
  const value = BigInt.asIntN(words.length * 32, bits);
  if (scale <= 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function listText(values: Iterable<unknown>, { type }: Field): string {
  const all = Array.from(values);
  const shown = all.slice(0, SHOWN_ITEMS).map((value) => valueText(value, type));
  return all.length > SHOWN_ITEMS
    ? `[${shown.join(', ')}, … ${all.length} values]`
    : `[${shown.join(', ')}]`;
}

/** Text from a file must not move the cursor of a terminal. */
function plainText(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1));
}
