/** Questions about DuckDB type texts. */

const SIGNED = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'];
const UNSIGNED = ['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'];
/** Integer types whose values and products of two fit the next type only in part: widened before arithmetic. */
const NARROW = ['TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT', 'UINTEGER'];

export function isFloat(type: string): boolean {
  return type === 'FLOAT' || type === 'DOUBLE';
}

export function isInteger(type: string): boolean {
  return SIGNED.includes(type) || UNSIGNED.includes(type);
}

export function isUnsigned(type: string): boolean {
  return UNSIGNED.includes(type);
}

/** True for integers of at most 32 bits. */
export function isNarrow(type: string): boolean {
  return NARROW.includes(type);
}

export function isDecimal(type: string): boolean {
  return type.startsWith('DECIMAL');
}

export function isNumber(type: string): boolean {
  return isFloat(type) || isInteger(type) || isDecimal(type);
}

/** True for lists, arrays, structs, maps and unions: values that hold other values. */
export function isNested(type: string): boolean {
  return type.endsWith(']') || /^(?:STRUCT|MAP|UNION|VARIANT)\b/.test(type);
}
