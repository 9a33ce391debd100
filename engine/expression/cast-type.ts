/** The types a cast may name, with the names other SQL dialects use for them. */
import type { Reader } from './reader.ts';

const TYPES: Readonly<Record<string, string>> = {
  bool: 'BOOLEAN', boolean: 'BOOLEAN',
  int1: 'TINYINT', tinyint: 'TINYINT', int2: 'SMALLINT', short: 'SMALLINT', smallint: 'SMALLINT',
  int: 'INTEGER', int4: 'INTEGER', integer: 'INTEGER', signed: 'INTEGER',
  bigint: 'BIGINT', int8: 'BIGINT', long: 'BIGINT', hugeint: 'HUGEINT',
  utinyint: 'UTINYINT', usmallint: 'USMALLINT', uinteger: 'UINTEGER', ubigint: 'UBIGINT',
  float4: 'FLOAT', float: 'FLOAT', real: 'FLOAT', double: 'DOUBLE', float8: 'DOUBLE',
  dec: 'DECIMAL', decimal: 'DECIMAL', numeric: 'DECIMAL',
  char: 'VARCHAR', string: 'VARCHAR', text: 'VARCHAR', varchar: 'VARCHAR',
  date: 'DATE', time: 'TIME', interval: 'INTERVAL',
  datetime: 'TIMESTAMP', timestamp: 'TIMESTAMP', timestamptz: 'TIMESTAMP WITH TIME ZONE',
  timestamp_s: 'TIMESTAMP_S', timestamp_ms: 'TIMESTAMP_MS', timestamp_ns: 'TIMESTAMP_NS',
}; // biome-ignore format: one line per family

/** Types whose name before a text makes a constant: `DATE '2020-01-01'`. */
const CONSTANT_TYPES: readonly string[] = ['date', 'time', 'timestamp', 'timestamptz', 'interval'];

/** The type of a constant such as `DATE '2020-01-01'`; undefined when `word` does not start one. */
export function constantType(word: string): string | undefined {
  const lower = word.toLowerCase();
  return CONSTANT_TYPES.includes(lower) ? TYPES[lower] : undefined;
}

/** Reads a type: a known name, `DECIMAL(w, s)`, and any number of `[]`. */
export function readType(reader: Reader): string {
  const token = reader.take();
  const known = token.kind === 'name' ? TYPES[token.value.toLowerCase()] : undefined;
  if (known === undefined) {
    throw reader.fail(token, `unknown type ${token.value}`, 'Types: boolean, integer, bigint, float, double, decimal(w, s), varchar, date, timestamp, interval.');
  }
  let type = known;
  if (known === 'DOUBLE') reader.takeWord('precision');
  if (known === 'TIMESTAMP' && reader.isWord('with') && reader.isWord('time', 1) && reader.isWord('zone', 2)) {
    for (let i = 0; i < 3; i++) reader.take();
    type = 'TIMESTAMP WITH TIME ZONE';
  }
  if (known === 'DECIMAL' && reader.takeSymbol('(')) {
    const width = readCount(reader);
    const scale = reader.takeSymbol(',') ? readCount(reader) : '0';
    reader.expectSymbol(')', 'after the type');
    type = `DECIMAL(${width}, ${scale})`;
  }
  while (reader.isSymbol('[') && reader.isSymbol(']', 1)) {
    reader.take();
    reader.take();
    type += '[]';
  }
  return type;
}

function readCount(reader: Reader): string {
  const token = reader.take();
  if (token.kind !== 'number' || !/^[0-9]{1,2}$/.test(token.value)) {
    throw reader.fail(token, 'a small whole number is expected in a type');
  }
  return token.value;
}
