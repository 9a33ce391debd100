/**
 * A store over HTTP and HTTPS: range requests through pools of kept connections. Each method makes one attempt and
 * throws a {@link Problem}; `remote-store.ts` puts retries, limits and hedges around it. Loaded, with undici, when the
 * first such path is read.
 */
import type { Dispatcher } from 'undici';
import { processMeter } from '../meter.ts';
import type { FileStat, FileTail, ReadOptions } from '../store-port.ts';
import { VERSION } from '../version.ts';
import type { Attempts } from './attempts.ts';
import {
  type AnswerHead,
  checkSums,
  checkTag,
  collect,
  type Extent,
  extentOf,
  lengthOf,
  tagOf,
} from './body.ts';
import { poolOf } from './connections.ts';
import { networkProblem, Problem, statusProblem } from './problem.ts';

const MAX_REDIRECTS = 5;
/** A file that a server without ranges sends whole is taken when it has at most so many bytes. */
export const WHOLE_FILE_BYTES = 8 << 20;

interface Answer {
  readonly head: AnswerHead;
  readonly body: Dispatcher.ResponseData['body'];
}

interface Got {
  readonly bytes: Uint8Array;
  readonly extent: Extent;
  readonly tag: string | undefined;
}

/** Where a URL was redirected to. */
const moved = new Map<string, string>();

async function send(
  method: 'GET' | 'HEAD',
  url: string,
  headers: Record<string, string>,
  options: ReadOptions,
): Promise<Answer> {
  let target = new URL(moved.get(url) ?? url);
  for (let hops = 0; ; hops++) {
    (options.meter ?? processMeter).add('requests');
    options.onProgress?.(0);
    const { origin } = target;
    const answer = await poolOf(origin)
      .then((pool) =>
        pool.request({
          origin,
          path: `${target.pathname}${target.search}`,
          method,
          headers: {
            'user-agent': `crosshatch/${VERSION}`,
            'accept-encoding': 'identity',
            ...headers,
          },
          signal: options.signal,
        }),
      )
      .catch((error: unknown) => {
        throw networkProblem(error);
      });
    const { statusCode } = answer;
    const header = (name: string) => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const location = header('location');
    if (statusCode >= 300 && statusCode < 400 && statusCode !== 304 && location !== undefined) {
      await discard(answer.body);
      if (hops >= MAX_REDIRECTS) throw new Problem('refused', 'it redirects in a circle');
      target = new URL(location, target);
      if (!/^https?:$/.test(target.protocol)) {
        throw new Problem('refused', `it redirects to ${target.href}`);
      }
      // Only what is for good may be remembered.
      if (statusCode === 301 || statusCode === 308) moved.set(url, target.href);
      continue;
    }
    return { head: { status: statusCode, header }, body: answer.body };
  }
}

async function discard(body: Answer['body']): Promise<void> {
  await body.dump({ limit: 1 << 16 }).catch(() => {});
}

/** One GET. `undefined` when there is no such file. */
async function get(
  url: string,
  range: { readonly start: number; readonly end: number } | { readonly last: number } | null,
  options: ReadOptions & { readonly maxBytes?: number | undefined },
): Promise<Got | undefined> {
  const headers: Record<string, string> = {};
  if (range !== null) {
    headers['range'] =
      'last' in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end - 1}`;
  }
  // Weak tags never match a precondition; they are compared with the answer's below.
  if (options.etag?.startsWith('"')) headers['if-match'] = options.etag;
  const { head, body } = await send('GET', url, headers, options);
  try {
    if (head.status === 404 || head.status === 410) {
      await discard(body);
      return undefined;
    }
    if (head.status !== 200 && head.status !== 206) {
      await discard(body);
      throw statusProblem(head.status, undefined, head.header('retry-after'));
    }
    return await bodyOf(head, body, range, options);
  } catch (error) {
    // Ending it early is an error to the stream, which must have a listener.
    body.on('error', () => {}).destroy();
    throw networkProblem(error);
  }
}

async function bodyOf(
  head: AnswerHead,
  body: Answer['body'],
  range: Parameters<typeof get>[1],
  options: Parameters<typeof get>[2],
): Promise<Got> {
  const announced = lengthOf(head);
  const isPart = head.status === 206;
  if (range !== null && !isPart && (announced ?? Number.POSITIVE_INFINITY) > WHOLE_FILE_BYTES) {
    const size = announced === undefined ? 'a file' : `a file of ${announced} bytes`;
    throw new Problem('unsupported', `the server ignores ranges: it would send ${size} whole`);
  }
  const extent = isPart ? extentOf(head) : undefined;
  const tag = tagOf(head, extent?.size ?? announced);
  checkTag(tag, options.etag);
  const onBytes = (count: number) => {
    (options.meter ?? processMeter).add('bytes', count);
    options.onProgress?.(count);
  };
  const expected = extent === undefined ? announced : extent.end - extent.start;
  if (announced !== undefined && announced !== expected) {
    throw new Problem('short', `the answer has ${announced} bytes, the range ${expected}`);
  }
  const maxBytes = range === null ? options.maxBytes : undefined;
  const bytes = await collect(body, { expected, maxBytes, onBytes });
  checkSums(head, bytes, !isPart);
  const whole = { start: 0, end: bytes.length, size: bytes.length };
  return { bytes, extent: extent ?? whole, tag: tag ?? tagOf(head, bytes.length) };
}

function statOf({ extent, tag }: Got): FileStat {
  return tag === undefined ? { size: extent.size } : { size: extent.size, etag: tag };
}

/** Not allowed, no such method, not implemented. */
const NO_HEAD: ReadonlySet<number> = new Set([403, 405, 501]);

async function statByGet(url: string, options: ReadOptions): Promise<FileStat | undefined> {
  try {
    const got = await get(url, { start: 0, end: 1 }, options);
    return got === undefined ? undefined : statOf(got);
  } catch (error) {
    // An empty file has no first byte.
    if (!(error instanceof Problem && error.kind === 'range')) throw error;
    const got = await get(url, null, { ...options, maxBytes: 0 });
    return got === undefined ? undefined : statOf(got);
  }
}

/** Single attempts over HTTP. */
export const httpAttempts: Attempts = {
  async stat(url, options) {
    const { head, body } = await send('HEAD', url, {}, options);
    await discard(body);
    if (head.status === 404 || head.status === 410) return undefined;
    // Signed links and some servers allow GET only: one byte says the same.
    if (NO_HEAD.has(head.status)) return statByGet(url, options);
    if (head.status !== 200) {
      throw statusProblem(head.status, undefined, head.header('retry-after'));
    }
    const size = lengthOf(head);
    if (size === undefined) return statByGet(url, options);
    const etag = tagOf(head, size);
    return etag === undefined ? { size } : { size, etag };
  },

  async readRange(url, start, end, options) {
    const got = await get(url, { start, end }, options);
    if (got === undefined) throw new Problem('missing', 'status 404');
    const { bytes, extent } = got;
    if (extent.start === start && extent.end === end) return bytes;
    if (extent.start > start || extent.end < end) {
      throw new Problem('short', `bytes ${extent.start} to ${extent.end} came instead`);
    }
    return bytes.subarray(start - extent.start, end - extent.start);
  },

  async readTail(url, count, options): Promise<FileTail | undefined> {
    const got = await get(url, { last: count }, options).catch((error: unknown) => {
      // Some servers refuse to give the last bytes of an object that has fewer.
      if (!(error instanceof Problem && error.kind === 'range')) throw error;
      return get(url, null, { ...options, maxBytes: count });
    });
    if (got === undefined) return undefined;
    const { bytes, extent } = got;
    if (extent.end !== extent.size) throw new Problem('short', 'the end of the file did not come');
    return { bytes: bytes.subarray(Math.max(0, bytes.length - count)), stat: statOf(got) };
  },

  async find(url, maxBytes, options) {
    return (await get(url, null, { ...options, maxBytes }))?.bytes;
  },

  async list() {
    return undefined;
  },
};
