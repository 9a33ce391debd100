/** User code as plain data: where a worker finds the function, and what it is given and gives back. */
import { requestError } from '../../partitioning/error.ts';
import { freeNames } from './free-names.ts';

/** A function that a worker can load. */
export type UserCode =
  | { readonly kind: 'module'; readonly url: string; readonly export: string }
  /** Text of a function that needs nothing around it. */
  | { readonly kind: 'source'; readonly text: string };

/** A function in a module, as users name it. */
export interface ModuleFunction {
  /** `new URL('./classify.ts', import.meta.url)` */
  readonly module: URL | string;
  /** Name of the export; default `default`. */
  readonly export?: string;
  /** Names and types of what it returns, where they belong to the function rather than to the call. */
  readonly returns?: Readonly<Record<string, string>>;
}

const HOW_TO_PASS =
  "Pass values with constants: { … } (the function's second argument has them), or put the function into a module: { module: new URL('./classify.ts', import.meta.url), export: 'name' }.";

/** What a worker needs of `fn`. Throws request errors for what cannot be taken to another thread. */
export function userCodeOf(fn: unknown): UserCode {
  if (typeof fn === 'function') return sourceOf(fn as (...args: never) => unknown);
  if (typeof fn !== 'object' || fn === null || !('module' in fn)) {
    throw requestError(
      'user code is neither a function nor { module, export }',
      "Give { module: new URL('./classify.ts', import.meta.url), export: 'name' }.",
    );
  }
  const { module, export: name = 'default' } = fn as ModuleFunction;
  const url = String(module);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    throw requestError(
      `the module "${url}" is a path that depends on where it is looked for`,
      'Give a URL: new URL(path, import.meta.url).',
    );
  }
  return { kind: 'module', url, export: name };
}

function sourceOf(fn: (...args: never) => unknown): UserCode {
  const text = Function.prototype.toString.call(fn);
  if (/Generator/.test(fn.constructor.name) || /^class\b/.test(text)) {
    const kind = /^class\b/.test(text) ? 'a class' : 'a generator';
    throw requestError(
      `${fn.name || 'the function'} is ${kind}, which cannot be called on a row`,
      'Give a function that returns an object of columns; it may be async.',
    );
  }
  const found = freeNames(text);
  if (found === null) {
    throw requestError(
      `the text of the function ${fn.name || '(without a name)'} cannot be taken to a worker`,
      `Only functions written as such have one: no methods, bound functions or built-in ones. ${HOW_TO_PASS}`,
    );
  }
  if (found.length > 0) {
    const names = found.join(', ');
    throw requestError(
      `the function ${fn.name || '(without a name)'} uses ${names} from around it, which a worker does not have`,
      `${HOW_TO_PASS} (A bundler or a test runner can put such names into a function's text.)`,
    );
  }
  return { kind: 'source', text };
}

/** How the code is called in messages. */
export function codeName(code: UserCode): string {
  if (code.kind === 'module') return `${code.export} of ${code.url.split('/').at(-1)}`;
  return 'the function';
}
