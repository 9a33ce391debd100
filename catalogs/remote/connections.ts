/** Pools of kept connections to hosts, out of the parts of undici that they need: all of it takes twice as long to load. */
import type { Dispatcher } from 'undici';
import request from 'undici/lib/api/api-request.js';
import HostPool from 'undici/lib/dispatcher/pool.js';

/** Connections to one host; how many of them are in use at a time is decided by the limits around the store. */
const CONNECTIONS = 64;
const OPTIONS = { connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 };

const pools = new Map<string, Promise<Dispatcher>>();

/** The connections to a host, or to the proxy before it. */
export function poolOf(origin: string): Promise<Dispatcher> {
  let pool = pools.get(origin);
  if (pool === undefined) {
    pool = hasProxy() ? proxied() : Promise.resolve(direct(origin));
    pools.set(origin, pool);
    // The next attempt begins anew.
    pool.catch(() => pools.delete(origin));
  }
  return pool;
}

/** undici puts its methods upon its pools where it is loaded as a whole. */
function direct(origin: string): Dispatcher {
  const pool = new HostPool(origin, OPTIONS);
  return Object.assign(pool, { request });
}

async function proxied(): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici');
  return new EnvHttpProxyAgent(OPTIONS);
}

function hasProxy(): boolean {
  const names = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];
  return names.some((name) => (process.env[name] ?? '') !== '');
}
