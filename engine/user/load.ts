/** Loads user code in a worker: once per worker and function, with what its `setup` gives. */
import { CrosshatchError } from '../../partitioning/error.ts';
import { codeName, type UserCode } from './code.ts';

/** What a function is given besides the row or table. */
export interface UserContext {
  /** Values passed with `constants`, copies of those in the calling program. */
  readonly constants: unknown;
  /** What the module's `setup` returned in this worker. */
  readonly setup: unknown;
}

export interface LoadedCode {
  readonly call: (input: unknown, context: UserContext) => unknown;
  readonly context: UserContext;
}

const loaded = new Map<string, Promise<LoadedCode>>();

/** The function behind `code`; `constants` are part of what it is loaded for. */
export function loadUserCode(code: UserCode, constants: unknown): Promise<LoadedCode> {
  const key = JSON.stringify([code, constants], textOf);
  let found = loaded.get(key);
  if (found === undefined) {
    found = load(code, constants);
    loaded.set(key, found);
    // A failure says nothing about the next try.
    found.catch(() => loaded.delete(key));
  }
  return found;
}

/** Constants may be anything that can be cloned: JSON alone would take a bigint or a typed array for something else. */
function textOf(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return [value.constructor.name, ...(value as Uint8Array)].map(String);
  }
  if (value instanceof Map || value instanceof Set) return [...value];
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

async function load(code: UserCode, constants: unknown): Promise<LoadedCode> {
  if (code.kind === 'source') {
    // The text was checked to need nothing from around it; it has the rights of the program that it came from.
    const call = new Function(`return (${code.text});`)() as LoadedCode['call'];
    return { call, context: { constants, setup: undefined } };
  }
  const module = await importModule(code.url);
  const call = module[code.export];
  if (typeof call !== 'function') {
    throw userError(
      `the module has no function "${code.export}"`,
      code.url,
      `It exports ${Object.keys(module).join(', ') || 'nothing'}.`,
    );
  }
  const { setup } = module;
  const made = typeof setup === 'function' ? await runSetup(code, setup, constants) : undefined;
  return { call: call as LoadedCode['call'], context: { constants, setup: made } };
}

async function importModule(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    throw new CrosshatchError(
      {
        tag: 'user',
        what: `the module cannot be loaded: ${messageOf(error)}`,
        where: url,
        ...stackOf(error),
      },
      { cause: error },
    );
  }
}

async function runSetup(code: UserCode, setup: unknown, constants: unknown): Promise<unknown> {
  try {
    return await (setup as (constants: unknown) => unknown)(constants);
  } catch (error) {
    throw new CrosshatchError(
      {
        tag: 'user',
        what: `setup() threw ${messageOf(error)}`,
        where: code.kind === 'module' ? code.url : codeName(code),
        ...stackOf(error),
      },
      { cause: error },
    );
  }
}

/** `TypeError: x is not a function`, or whatever was thrown as text. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return String(error);
}

export function stackOf(error: unknown): { readonly stack?: string } {
  return error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
}

function userError(what: string, where: string, hint: string): CrosshatchError {
  return new CrosshatchError({ tag: 'user', what, where, hint });
}
