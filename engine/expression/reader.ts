/** A cursor over tokens. */
import type { CrosshatchError } from '../../partitioning/error.ts';
import type { Source } from './source.ts';
import type { Token } from './tokenize.ts';

/** Parentheses, operators and calls inside each other; far above what anyone writes, far below the stack's end. */
const MAX_DEPTH = 100;

/** Operators of other languages that mean something else here, or nothing. */
const FOREIGN: ReadonlyMap<string, readonly [what: string, hint: string]> = new Map([
  ['&&', ['&& is not an operator here', 'Write and, or &.']],
  ['^', ['^ is ambiguous: a power in SQL, exclusive or in Python', 'Write x ** y or xor(x, y).']],
  ['!', ['! is not an operator here', 'Write not, or != for unequal.']],
  ['->', ['lambda functions (->) are not supported', 'Fields are reached by a point: lc.mag.']],
  ['->>', ['->> is not supported', 'Fields are reached by a point: lc.mag.']],
  [':=', ['named arguments (:=) are not supported', 'Give the arguments in order.']],
  ['=>', ['named arguments (=>) are not supported', 'Give the arguments in order.']],
]);

export class Reader {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: Source, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  /** The token `ahead` places after the next one; the end token beyond the end. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  /** True when the token is the symbol. */
  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.value === symbol;
  }

  /** True when the token is the word, in any letter case. */
  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'name' && token.value.toLowerCase() === word;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#next++;
    return true;
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#next++;
    return true;
  }

  expectSymbol(symbol: string, where: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected(`${symbol} ${where}`);
  }

  expectWord(word: string, where: string): void {
    if (!this.takeWord(word)) throw this.unexpected(`${word} ${where}`);
  }

  fail(token: Token, what: string, hint?: string): CrosshatchError {
    return this.#source.fail(token.at, what, hint);
  }

  /** The error for a next token that cannot stand there. */
  unexpected(wanted: string): CrosshatchError {
    const token = this.peek();
    const foreign = token.kind === 'symbol' ? FOREIGN.get(token.value) : undefined;
    if (foreign !== undefined) return this.fail(token, foreign[0], foreign[1]);
    const found = token.kind === 'end' ? 'the expression ends' : `${token.value} stands`;
    return this.fail(token, `${found} where ${wanted} is expected`);
  }

  /** Runs `parse` one level deeper; refuses what would exhaust the stack. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      throw this.fail(this.peek(), `the expression is nested more than ${MAX_DEPTH} levels deep`);
    }
    const result = parse();
    this.#depth--;
    return result;
  }
}
