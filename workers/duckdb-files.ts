/**
 * File names of a statement as parameters. DuckDB plans a statement over `read_parquet('…')` twice, when it is
 * prepared and again when it starts, and binding a file costs as much as reading a small one; with the name unknown
 * it stops at once the first time.
 */
import { type DuckDBPreparedStatement, LIST, listValue, VARCHAR } from '@duckdb/node-api';

const TEXT = "'[^']*(?:''[^']*)*'";
/** Texts and names are matched first, so that a `read_parquet(` inside one is none. */
const TOKENS = new RegExp(
  `${TEXT}|"(?:[^"]|"")*"|\\bread_parquet\\((?:(${TEXT})|\\[(${TEXT}(?:, ${TEXT})*)\\])`,
  'g',
);

export interface FilesApart {
  readonly sql: string;
  /** One for each parameter, in the order of the text. */
  readonly files: readonly (string | readonly string[])[];
}

/** The statement with `$1`, `$2`, … for what its calls of `read_parquet` read. */
export function filesApart(sql: string): FilesApart {
  const files: (string | readonly string[])[] = [];
  const text = sql.replace(TOKENS, (token, one?: string, several?: string) => {
    if (one !== undefined) files.push(unquoted(one));
    else if (several !== undefined)
      files.push([...several.matchAll(new RegExp(TEXT, 'g'))].map(([file]) => unquoted(file)));
    else return token;
    return `read_parquet($${files.length}`;
  });
  return { sql: text, files };
}

export function bindFiles(statement: DuckDBPreparedStatement, { files }: FilesApart): void {
  for (const [i, of] of files.entries()) {
    if (typeof of === 'string') statement.bindVarchar(i + 1, of);
    else statement.bindList(i + 1, listValue(of), LIST(VARCHAR));
  }
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll("''", "'");
}
