/** Checks the expressions of a plan and gives their SQL. */
import {
  type CheckedElements,
  type CheckedExpression,
  checkElements,
  checkExpression,
  type Expression,
} from '../expression/expression.ts';
import type { CompiledSql } from '../physical/bind.ts';
import { inputsOf, type PlanNode } from '../plan/node.ts';
import { namableColumns, schemaOf } from '../plan/schema.ts';
import type { Runtime } from '../runtime.ts';
import type { Session } from '../session.ts';

/** The SQL of every expression of `plan`. Throws the request error of the first that is wrong. */
export async function compileExpressions(plan: PlanNode, runtime: Runtime): Promise<CompiledSql> {
  const rows = new Map<Expression, CheckedExpression>();
  const elements = new Map<Expression, CheckedElements>();
  let session: Session | null = null;
  const visit = async (part: PlanNode): Promise<void> => {
    const inputs = inputsOf(part);
    for (const input of inputs) await visit(input);
    for (const { expression, want } of expressionsOf(part)) {
      session ??= await runtime.session();
      const columns =
        part.kind === 'scan' ? part.catalog.columns : namableColumns(schemaOf(inputs[0]!));
      if (want === 'elements') {
        elements.set(expression, await checkElements(expression, columns, session));
      } else {
        rows.set(expression, await checkExpression(expression, columns, session, want));
      }
    }
  };
  await visit(plan);
  return {
    ofRows: (expression) => rows.get(expression)!,
    ofElements: (expression) => elements.get(expression)!,
  };
}

type Want = 'boolean' | 'any' | 'elements';

function expressionsOf(part: PlanNode): { expression: Expression; want: Want }[] {
  switch (part.kind) {
    case 'filter':
      return [{ expression: part.expression, want: 'boolean' }];
    case 'scan':
      return part.filters.map((expression) => ({ expression, want: 'boolean' }));
    case 'compute':
      return part.columns.flatMap((column): { expression: Expression; want: Want }[] => {
        if (column.kind === 'value') return [{ expression: column.expression, want: 'any' }];
        if (column.kind === 'where') return [{ expression: column.expression, want: 'elements' }];
        return [];
      });
    default:
      return [];
  }
}
