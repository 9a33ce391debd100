/**
 * A file server behind a long line: every answer waits for the latency, and all of them share one bandwidth. A process
 * of its own, so that it takes no time from whoever asks it.
 *
 *     node bench/shaped-server.ts ROOT LATENCY_MS MEGABITS
 *
 * Prints its URL. `GET /__figures` gives requests, bytes and the milliseconds in which the line was busy since the
 * last time that was asked.
 */
import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const [root = '.', latencyMs = '30', megabits = '1000'] = process.argv.slice(2);
const bytesPerMs = (Number(megabits) * 1e6) / 8 / 1000;
const CHUNK_BYTES = 1 << 17;

let figures = { requests: 0, bytes: 0, busyMs: 0, firstMs: 0, lastMs: 0 };
/** When the line has sent everything that was handed to it. */
let freeAt = 0;

const server = createServer((request, response) => {
  if (request.url === '/__figures') {
    response.end(JSON.stringify(figures));
    figures = { requests: 0, bytes: 0, busyMs: 0, firstMs: 0, lastMs: 0 };
    return;
  }
  const now = performance.now();
  figures.requests++;
  if (figures.firstMs === 0) figures.firstMs = now;
  setTimeout(() => {
    answer(request, response).catch(() => response.destroy());
  }, Number(latencyMs));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = join(root, decodeURIComponent(new URL(request.url!, 'http://host').pathname));
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const { start, end, isPart } = extent(request.headers.range, found);
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'content-length': String(end - start),
    etag: `"${found.size}-${found.mtimeMs}"`,
    'last-modified': found.mtime.toUTCString(),
  };
  if (isPart) headers['content-range'] = `bytes ${start}-${end - 1}/${found.size}`;
  response.writeHead(isPart ? 206 : 200, headers);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await send(file, start, end, response);
}

function extent(range: string | undefined, { size }: Stats) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? '');
  if (match === null) return { start: 0, end: size, isPart: false };
  if (match[1] === '') {
    return { start: Math.max(0, size - Number(match[2])), end: size, isPart: true };
  }
  const end = match[2] === '' ? size : Math.min(size, Number(match[2]) + 1);
  return { start: Number(match[1]), end, isPart: true };
}

/** Each chunk takes its place on the line, behind those of all other answers. */
async function send(
  file: string,
  start: number,
  end: number,
  response: ServerResponse,
): Promise<void> {
  const handle = openSync(file, 'r');
  try {
    for (let at = start; at < end && !response.destroyed; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at));
      const length = readSync(handle, chunk, 0, chunk.length, at);
      const now = performance.now();
      const ms = length / bytesPerMs;
      freeAt = Math.max(freeAt, now) + ms;
      figures.busyMs += ms;
      figures.bytes += length;
      if (freeAt - now > 1) await new Promise((resolve) => setTimeout(resolve, freeAt - now));
      if (!response.write(chunk.subarray(0, length))) {
        await drained(response);
      }
      figures.lastMs = performance.now();
      at += length;
    }
  } finally {
    closeSync(handle);
  }
  response.end();
}

/** Resolves when more can be written, or nobody listens any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
