/** Loads user code in a worker: once per worker and function, with what its `setup` gives. */
import { CrosshatchError } from '../../partitioning/error.ts';
import { codeName, type UserCode } from './code.ts';
import type { UserConstants } from './constants.ts';
import { SETUP_ROW, type UserWatch } from './watch.ts';

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

/** Functions loaded in this thread, the latest used last. */
const loaded = new Map<string, Promise<LoadedCode>>();

/** Functions kept: more than any query has, few enough for what their constants and models take. */
const MOST_LOADED = 16;

/** The function behind `code`, loaded and set up once for these constants; the main thread watches over that. */
export async function loadUserCode(
  code: UserCode,
  constants: UserConstants,
  watch: UserWatch | null,
): Promise<LoadedCode> {
  watch?.enter(SETUP_ROW, '');
  try {
    return await keptOrLoaded(code, constants);
  } finally {
    watch?.leave();
  }
}

function keptOrLoaded(code: UserCode, constants: UserConstants): Promise<LoadedCode> {
  const key = JSON.stringify([code, constants.key]);
  const found = loaded.get(key) ?? load(code, constants.value);
  loaded.delete(key);
  loaded.set(key, found);
  // A failure says nothing about the next try.
  found.catch(() => loaded.delete(key));
  for (const old of loaded.keys()) {
    if (loaded.size <= MOST_LOADED) break;
    loaded.delete(old);
  }
  return found;
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
