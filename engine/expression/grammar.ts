/** What the parts of the parser share. */
import type { Column } from '../../catalogs/types.ts';
import type { Reader } from './reader.ts';
import type { Token } from './tokenize.ts';
import type { Tree } from './tree.ts';

export interface Grammar {
  readonly reader: Reader;
  readonly columns: readonly Column[];
  /** What a double-quoted word is: what the user means by it, or always a column, as in printed SQL. */
  readonly quoted: 'as-typed' | 'column';
  /** Parses a whole expression at the reader's place. */
  expression(): Tree;
  /**
   * Where aggregates over rows may stand: reads the call of one, from after its opening parenthesis, and gives what
   * stands for its value; undefined for other functions.
   */
  readonly aggregate?: (name: string, token: Token) => Tree | undefined;
}
