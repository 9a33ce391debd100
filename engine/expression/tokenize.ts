/** Cuts the text of an expression into tokens; refuses what no expression may hold. */
import type { Source } from './source.ts';

export type TokenKind =
  /** A bare word. */
  | 'name'
  /** `"…"`: a text or a column, depending on the columns. */
  | 'quoted'
  /** `` `…` ``: a column. */
  | 'ticked'
  /** Unsigned, in the form the tree keeps. */
  | 'number'
  | 'text'
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Unquoted; a symbol or word as written. */
  readonly value: string;
  /** Where it starts, in UTF-16 units from 0. */
  readonly at: number;
}

/** Longest first, so that `**` is not read as two stars. */
const SYMBOLS: readonly string[] = [
  '->>',
  ':: -> => := ** // <= >= == != <> || &&',
  '( ) [ ] , . + - * / % = < > & | ~ ! ^',
].flatMap((line) => line.split(' '));

const SPACE = /\s+/y;
const NAME = /[\p{L}_][\p{L}\p{M}\p{N}_]*/uy;
const HEX = /0[xX][0-9a-fA-F]+/y;
const DIGITS = '[0-9]+(?:_[0-9]+)*';
const NUMBER = new RegExp(`(?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:[eE][+-]?[0-9]+)?`, 'y');
/** Larger whole numbers are doubles to DuckDB. */
const HUGEINT_END = 2n ** 127n;

/** All tokens of the source, the last of kind `end`. */
export function tokenize(source: Source): Token[] {
  const { text } = source;
  checkCharacters(source);
  const tokens: Token[] = [];
  let at = matchEnd(SPACE, text, 0) ?? 0;
  while (at < text.length) {
    const { token, end } = nextToken(source, at);
    tokens.push(token);
    at = matchEnd(SPACE, text, end) ?? end;
  }
  tokens.push({ kind: 'end', value: '', at: text.length });
  return tokens;
}

/** A zero byte would end the text early for DuckDB's C interface: it must see what was checked. */
function checkCharacters(source: Source): void {
  const zero = source.text.indexOf('\0');
  if (zero >= 0) throw source.fail(zero, 'a zero byte is not allowed in an expression');
  if (!source.text.isWellFormed()) throw source.fail(0, 'the expression is not valid Unicode');
}

function nextToken(source: Source, at: number): { token: Token; end: number } {
  const { text } = source;
  const first = text[at]!;
  if (first === "'") return quotedToken(source, at, 'text', 'text');
  if (first === '"') return quotedToken(source, at, 'quoted', 'double-quoted text');
  if (first === '`') return quotedToken(source, at, 'ticked', 'column name in backticks');
  const nameEnd = matchEnd(NAME, text, at);
  if (nameEnd !== undefined) {
    return { token: { kind: 'name', value: text.slice(at, nameEnd), at }, end: nameEnd };
  }
  const numberEnd = matchEnd(HEX, text, at) ?? matchEnd(NUMBER, text, at);
  if (numberEnd !== undefined) return numberToken(source, at, numberEnd);
  refuseMark(source, at);
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at));
  if (symbol === undefined) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    throw source.fail(at, `unexpected character ${character}`);
  }
  return { token: { kind: 'symbol', value: symbol, at }, end: at + symbol.length };
}

/** Comments, parameters, several statements and literals of other languages: never part of an expression. */
function refuseMark(source: Source, at: number): void {
  const { text } = source;
  if (text.startsWith('--', at)) {
    throw source.fail(at, 'comments (--) are not allowed', 'For a double minus write - (-x).');
  }
  if (text.startsWith('/*', at)) throw source.fail(at, 'comments (/* */) are not allowed');
  if (text[at] === '#') throw source.fail(at, 'comments (#) are not allowed');
  if (text[at] === ';') {
    throw source.fail(at, 'a semicolon is not allowed', 'Give one expression, not statements.');
  }
  if (/[?$@]/.test(text[at]!) || /^:[\p{L}_]/u.test(text.slice(at, at + 3))) {
    throw source.fail(at, `parameters (${text[at]}) are not supported`, 'Write the value itself.');
  }
  if (text[at] === ':' && !/^:[:=]/.test(text.slice(at, at + 2))) {
    throw source.fail(at, 'a colon is not supported: neither slices nor lambda functions are');
  }
  if (text[at] === '{' || text[at] === '}') {
    throw source.fail(at, 'braces are not supported in an expression');
  }
}

/** Text between `quote` marks; a doubled mark stands for one. */
function quotedToken(
  source: Source,
  at: number,
  kind: TokenKind,
  what: string,
): { token: Token; end: number } {
  const { text } = source;
  const quote = text[at]!;
  let value = '';
  let from = at + 1;
  for (;;) {
    const close = text.indexOf(quote, from);
    if (close < 0) throw source.fail(at, `the ${what} that starts here has no end`);
    value += text.slice(from, close);
    if (text[close + 1] !== quote) {
      return { token: { kind, value, at }, end: close + 1 };
    }
    value += quote;
    from = close + 2;
  }
}

function numberToken(source: Source, at: number, end: number): { token: Token; end: number } {
  const { text } = source;
  if (matchEnd(NAME, text, end) !== undefined) {
    throw source.fail(at, `a number cannot be followed by a letter: ${text.slice(at, end + 1)}`);
  }
  const digits = text.slice(at, end).replaceAll('_', '');
  const whole = /^(?:0[xX][0-9a-fA-F]+|[0-9]+)$/.test(digits) ? BigInt(digits) : undefined;
  let value = whole !== undefined && whole < HUGEINT_END ? whole.toString() : digits.toLowerCase();
  if (!Number.isFinite(Number(value)))
    throw source.fail(at, `the number ${digits} is out of range`);
  if (whole !== undefined && whole >= HUGEINT_END) value = Number(whole).toString();
  return { token: { kind: 'number', value, at }, end };
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
