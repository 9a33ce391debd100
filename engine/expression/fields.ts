/** The fields of a struct column, read out of its DuckDB type text. */

export interface Field {
  readonly name: string;
  readonly type: string;
}

/**
 * Fields of a type such as `STRUCT(mjd DOUBLE[], "my mag" FLOAT[])`; undefined when it is not a struct
 * (a list of structs is not one).
 */
export function structFields(type: string): Field[] | undefined {
  const body = /^STRUCT\((.*)\)$/is.exec(type.trim())?.[1];
  if (body === undefined || !isBalanced(body)) return undefined;
  return splitTop(body).map((part) => {
    const quoted = /^"((?:[^"]|"")*)"\s+(.*)$/s.exec(part);
    if (quoted !== null) return { name: quoted[1]!.replaceAll('""', '"'), type: quoted[2]! };
    const space = part.search(/\s/);
    if (space < 0) return { name: '', type: part };
    return { name: part.slice(0, space), type: part.slice(space).trim() };
  });
}

/** True when the parentheses close in order, so that the first one of the type belongs to its last. */
function isBalanced(text: string): boolean {
  let depth = 0;
  let ok = true;
  scanBare(text, (character) => {
    if (character === '(') depth++;
    if (character === ')' && --depth < 0) ok = false;
  });
  return ok && depth === 0;
}

function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  scanBare(text, (character, at) => {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  });
  parts.push(text.slice(start).trim());
  return parts;
}

/** Calls `visit` for each character outside quotes. */
function scanBare(text: string, visit: (character: string, at: number) => void): void {
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") {
      quote = character;
    } else {
      visit(character, at);
    }
  }
}
