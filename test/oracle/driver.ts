/**
 * Calls the public API for the checks in Python. Standard input is a JSON list of chains; a chain is a list of
 * steps `[name, ...arguments]`, of which the first names a function of the API and each further one a method or
 * property of what the step before gave. An argument or option `{ "chain": [...] }` stands for what that chain gives.
 * Prints a JSON list of `{ value }` or `{ error }`, one for each chain.
 */
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { Table, tableToIPC } from 'apache-arrow';
import * as api from '../../index.ts';

type Step = readonly [name: string, ...args: unknown[]];
type Chain = readonly Step[];
type Members = Readonly<Record<string, unknown>>;

async function runChain(chain: Chain): Promise<unknown> {
  let subject: unknown = api;
  for (const [name, ...args] of chain) subject = await runStep(subject, name, args);
  return subject;
}

async function runStep(subject: unknown, name: string, args: readonly unknown[]): Promise<unknown> {
  if (subject instanceof Table && name === 'saveIpc') {
    writeFileSync(String(args[0]), tableToIPC(subject, 'file'));
    return subject.numRows;
  }
  const member = (subject as Members)[name];
  if (member === undefined) throw new Error(`there is no ${name}`);
  if (typeof member !== 'function') return member;
  return member.apply(subject, await Promise.all(args.map(argumentOf)));
}

async function argumentOf(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('chain' in value) return runChain(value.chain as Chain);
  const entries = Object.entries(value).map(async ([name, part]) => [name, await argumentOf(part)]);
  return Object.fromEntries(await Promise.all(entries));
}

const results: unknown[] = [];
for (const chain of JSON.parse(await text(process.stdin)) as Chain[]) {
  try {
    results.push({ value: (await runChain(chain)) ?? null });
  } catch (error) {
    results.push({ error: (error as Error).stack ?? String(error) });
  }
}
console.log(JSON.stringify(results));
await api.close();
