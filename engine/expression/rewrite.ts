/** From what an expression says to what DuckDB must be asked, given the types of its parts. */
import { rewriteBinary, rewriteCall, rewriteMinus } from './arithmetic.ts';
import { type Operand, rewriteCompare, rewriteIn } from './nan.ts';
import { printTree } from './print.ts';
import { allOf, isIntegerLiteral, mapParts, type Tree } from './tree.ts';

/** DuckDB type of a part, as written. */
export type TypeOf = (part: Tree) => string;

/** Rewrites every part, innermost first. */
export function rewriteTree(tree: Tree, typeOf: TypeOf): Tree {
  const rewrite = (part: Tree): Tree => rewriteTree(part, typeOf);
  const operand = (written: Tree): Operand => ({
    tree: rewrite(written),
    written,
    type: typeOf(written),
  });
  switch (tree.kind) {
    case 'number':
      // Without an exponent it would be a decimal to DuckDB, whose products overflow.
      return isIntegerLiteral(tree) || tree.text.includes('e')
        ? tree
        : { ...tree, text: `${tree.text}e0` };
    case 'compare':
      return rewriteCompare(tree.operator, operand(tree.left), operand(tree.right));
    case 'in': {
      const items = tree.items.map(operand);
      const of = operand(tree.of);
      return rewriteIn({ ...tree, of: of.tree, items: items.map((item) => item.tree) }, of, items);
    }
    case 'binary': {
      const parts = { ...tree, left: rewrite(tree.left), right: rewrite(tree.right) };
      return rewriteBinary(parts, typeOf(tree.left), typeOf(tree.right));
    }
    case 'unary':
      return tree.operator === '-'
        ? rewriteMinus(rewrite(tree.of), typeOf(tree.of))
        : mapParts(tree, rewrite);
    case 'call':
      return rewriteCall({ ...tree, args: tree.args.map(rewrite) });
    case 'and':
      return withoutRepeats(allOf(tree.items.map(rewrite)));
    default:
      return mapParts(tree, rewrite);
  }
}

/** Drops conditions that are there already: each bound of an interval brings the same test for NaN. */
function withoutRepeats(tree: Tree): Tree {
  if (tree.kind !== 'and') return tree;
  const seen = new Map<string, Tree>();
  for (const item of tree.items) {
    const text = printTree(item);
    if (!seen.has(text)) seen.set(text, item);
  }
  return allOf([...seen.values()]);
}
