/** Bodies of answers: collected whole, and checked against everything the server says of them. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Problem } from './problem.ts';

/** What an answer says, in the same words for every protocol. */
export interface AnswerHead {
  readonly status: number;
  /** Lower-case name → value. */
  readonly header: (name: string) => string | undefined;
}

/** Where the bytes of an answer lie in their object. */
export interface Extent {
  readonly start: number;
  readonly end: number;
  /** Bytes of the whole object. */
  readonly size: number;
}

/** The part that a 206 answer holds. Throws the problem `unsupported` when it does not say. */
export function extentOf(head: AnswerHead): Extent {
  const range = head.header('content-range');
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? '');
  if (match === null) {
    throw new Problem('unsupported', `the answer to a range has the Content-Range '${range}'`);
  }
  return { start: Number(match[1]), end: Number(match[2]) + 1, size: Number(match[3]) };
}

/** Bytes that the answer announces, where it does. */
export function lengthOf(head: AnswerHead): number | undefined {
  const text = head.header('content-length');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/**
 * A text that changes whenever the object does: the ETag, or else size and time of the last change.
 */
export function tagOf(head: AnswerHead, size: number | undefined): string | undefined {
  const etag = head.header('etag');
  if (etag !== undefined && etag !== '') return etag;
  const modified = head.header('last-modified');
  return modified === undefined || size === undefined ? undefined : `${size}-${modified}`;
}

/** Throws the problem `changed` when the answer is of another version than `wanted`. */
export function checkTag(found: string | undefined, wanted: string | undefined): void {
  if (wanted === undefined || found === undefined || found === wanted) return;
  throw new Problem('changed', `its version is ${found}, not ${wanted}`);
}

export interface CollectOptions {
  /** Bytes that must come; absent: as many as do. */
  readonly expected?: number | undefined;
  /** More bytes than that are refused. */
  readonly maxBytes?: number | undefined;
  readonly onBytes: (count: number) => void;
}

/** All bytes of a body. Throws the problem `short` when there are fewer or more than announced. */
export async function collect(
  body: AsyncIterable<Uint8Array>,
  { expected, maxBytes = Number.POSITIVE_INFINITY, onBytes }: CollectOptions,
): Promise<Uint8Array> {
  let out = new Uint8Array(expected ?? 1 << 16);
  let used = 0;
  for await (const chunk of body) {
    onBytes(chunk.length);
    if (used + chunk.length > maxBytes) {
      throw new Problem('refused', `the body has more than the ${maxBytes} bytes expected`);
    }
    if (used + chunk.length > out.length) {
      if (expected !== undefined) {
        throw new Problem('short', `the body has more than the ${expected} bytes announced`);
      }
      const grown = new Uint8Array(Math.max(out.length * 2, used + chunk.length));
      grown.set(out.subarray(0, used));
      out = grown;
    }
    out.set(chunk, used);
    used += chunk.length;
  }
  if (expected !== undefined && used < expected) {
    throw new Problem('short', `the body ended after ${used} of ${expected} bytes`);
  }
  return used === out.length ? out : out.subarray(0, used);
}

/** Checks a body against the checksums that came with it; `whole`: it is the whole object. */
export function checkSums(head: AnswerHead, bytes: Uint8Array, whole: boolean): void {
  const md5 = head.header('content-md5');
  if (md5 !== undefined) compare('MD5', md5, hash('md5', bytes));
  const digest = head.header('content-digest') ?? (whole ? head.header('repr-digest') : undefined);
  const sha = /sha-256=:([^:]+):/.exec(digest ?? '')?.[1];
  if (sha !== undefined) compare('SHA-256', sha, hash('sha256', bytes));
  if (!whole) return;
  const amz = head.header('x-amz-checksum-crc32');
  // Objects that came in parts have a checksum of checksums, with the number of parts behind it.
  if (amz !== undefined && !amz.includes('-')) {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    compare('CRC-32', amz, sum.toString('base64'));
  }
}

function hash(algorithm: 'md5' | 'sha256', bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('base64');
}

function compare(name: string, announced: string, found: string): void {
  if (announced.trim() === found) return;
  throw new Problem('short', `the ${name} checksum of the body is not the one announced`);
}
