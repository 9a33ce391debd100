/** The text of an expression, and errors that point into it. */
import { type CrosshatchError, requestError } from '../../partitioning/error.ts';

const MAX_SHOWN = 80;
const SHOWN_BEFORE = 30;

export interface Source {
  readonly text: string;
  /** A request error about the character at `at` (counted from 0). */
  fail(at: number, what: string, hint?: string): CrosshatchError;
}

export function sourceOf(text: string): Source {
  return {
    text,
    fail: (at, what, hint) =>
      requestError(what, hint, `character ${at + 1} of the expression ${excerpt(text, at)}`),
  };
}

/** One line of at most {@link MAX_SHOWN} characters around `at`. */
export function excerpt(text: string, at = 0): string {
  const start =
    text.length <= MAX_SHOWN
      ? 0
      : Math.max(0, Math.min(at - SHOWN_BEFORE, text.length - MAX_SHOWN));
  const end = Math.min(text.length, start + MAX_SHOWN);
  const shown = text.slice(start, end).replaceAll(/\p{Cc}/gu, ' ');
  return `${start > 0 ? '…' : ''}${shown}${end < text.length ? '…' : ''}`;
}
