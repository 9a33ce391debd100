/** Types of the columns that user code returns, and what it is given. */
import { requestError } from '../../partitioning/error.ts';
import { plainType } from '../expression/cast-type.ts';
import { checkColumnName, listNames } from '../expression/names.ts';

/** The types of elements, by the names users may write. */
const NAMES: ReadonlyMap<string, OutputElement> = new Map(
  Object.entries({
    BOOLEAN: ['boolean', 'bool'],
    INTEGER: ['integer', 'int', 'int32'],
    BIGINT: ['bigint', 'int64', 'long'],
    UBIGINT: ['ubigint', 'uint64'],
    FLOAT: ['float', 'float32', 'real'],
    DOUBLE: ['double', 'float64', 'number'],
    VARCHAR: ['varchar', 'string', 'text'],
  }).flatMap(([type, names]) =>
    names.map((name): [string, OutputElement] => [name, type as OutputElement]),
  ),
);

export type OutputElement =
  | 'BOOLEAN'
  | 'INTEGER'
  | 'BIGINT'
  | 'UBIGINT'
  | 'FLOAT'
  | 'DOUBLE'
  | 'VARCHAR';

/** A column that user code returns. */
export interface OutputColumn {
  readonly name: string;
  readonly element: OutputElement;
  /** An array of such values per row. */
  readonly list: boolean;
}

/** The columns declared by `{ name: type }`. Throws request errors. */
export function outputColumns(returns: Readonly<Record<string, string>>): OutputColumn[] {
  return Object.entries(returns).map(([name, type]) => {
    checkColumnName(name, 'a returned column');
    const list = type.trim().endsWith('[]');
    const word = (list ? type.trim().slice(0, -2) : type.trim()).toLowerCase();
    const element = NAMES.get(word);
    if (element === undefined) {
      throw requestError(
        `${name} is returned as "${type}", which is no type of user code`,
        `Types: ${listNames(['double', 'float', 'integer', 'bigint', 'ubigint', 'boolean', 'string'])}, each with [] for an array.`,
      );
    }
    return { name, element, list };
  });
}

/** A column of a table that user code returns. */
export interface TableColumn {
  readonly name: string;
  /** DuckDB type. */
  readonly type: string;
}

/** The columns of a returned table, declared by `{ name: type }`; what the types are the database says later. */
export function tableColumns(returns: Readonly<Record<string, string>>): TableColumn[] {
  const seen = new Map<string, string>();
  return Object.entries(returns).map(([name, type]) => {
    const other = seen.get(name.toLowerCase());
    checkColumnName(name, 'a returned column');
    if (other !== undefined) {
      throw requestError(`the returned columns "${other}" and "${name}" differ by case only`);
    }
    seen.set(name.toLowerCase(), name);
    return { name, type: plainType(type) };
  });
}

/** DuckDB type of a returned column. */
export function outputType({ element, list }: OutputColumn): string {
  return list ? `${element}[]` : element;
}

const SCALARS =
  /^(BOOLEAN|U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|FLOAT|DOUBLE|VARCHAR|DATE|TIMESTAMP\w*|TIMESTAMP WITH TIME ZONE)$/;

/**
 * SQL and type under which values of `type` are read for user code; undefined where they cannot be.
 * Wide numbers come as doubles, times as milliseconds since 1970.
 */
export function readAs(
  type: string,
  sql: string,
): { readonly sql: string; readonly type: string } | undefined {
  const list = type.endsWith('[]');
  const element = list ? type.slice(0, -2) : type;
  const change = (to: string, value: (x: string) => string) => ({
    sql: list ? `list_transform(${sql}, lambda e: ${value('e')})` : value(sql),
    type: list ? `${to}[]` : to,
  });
  if (/^(DECIMAL|U?HUGEINT)/.test(element)) return change('DOUBLE', (x) => `${x}::DOUBLE`);
  if (/^(DATE|TIMESTAMP)/.test(element))
    return change('DOUBLE', (x) => `epoch_ms(${x}::TIMESTAMP)::DOUBLE`);
  if (/^(UUID|TIME|INTERVAL|ENUM)/.test(element)) return change('VARCHAR', (x) => `${x}::VARCHAR`);
  return SCALARS.test(element) ? { sql, type } : undefined;
}
