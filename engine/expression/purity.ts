/** Holds the list of functions against the database that will run them. */
import { requestError } from '../../partitioning/error.ts';
import type { Session } from '../session.ts';
import { FUNCTIONS } from './functions.ts';

/** What operators and constructors are called in DuckDB's parse. */
const OPERATORS: readonly string[] = [
  '+ - * / // % ** || & | ~ ~~ !~~ ~~* !~~*',
  'like_escape not_like_escape ilike_escape not_ilike_escape list_value',
].flatMap((line) => line.split(' '));

/** Asking DuckDB takes 20 ms, because it lists all its functions; a session's answer does not change. */
const pureOf = new WeakMap<Session, Promise<ReadonlySet<string>>>();

/**
 * Refuses a function that is not on the list, or that this database does not know as scalar and consistent, for
 * example because a macro has taken its name.
 */
export async function checkFunctions(names: readonly string[], session: Session): Promise<void> {
  const foreign = names.find((name) => !FUNCTIONS.has(name) && !OPERATORS.includes(name));
  if (foreign !== undefined)
    throw requestError(`the function ${foreign}() is not allowed in an expression`);
  let pure = pureOf.get(session);
  if (pure === undefined) {
    pure = pureFunctions(session);
    pureOf.set(session, pure);
    // A failed question is asked again.
    pure.catch(() => pureOf.delete(session));
  }
  const known = await pure;
  const impure = names.find((name) => !known.has(name));
  if (impure !== undefined) {
    throw requestError(
      `the function ${impure}() is not a plain function in this version of DuckDB`,
    );
  }
}

async function pureFunctions(session: Session): Promise<ReadonlySet<string>> {
  // A table function may share the name: it cannot be called where a value stands.
  const rows = await session.rows(
    'SELECT function_name AS name FROM duckdb_functions() ' +
      `WHERE function_type NOT IN ('table', 'table_macro', 'pragma') GROUP BY 1 ` +
      `HAVING bool_and(function_type = 'scalar' AND stability = 'CONSISTENT' AND internal) ORDER BY 1`,
  );
  return new Set(rows.map(({ name }) => String(name)));
}
