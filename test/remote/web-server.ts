/** A web server of files for tests: ranges, versions, a record of every request, and faults on demand. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';

/** One request as it came. */
export interface Seen {
  readonly method: string;
  /** Path below the root, without a slash in front. */
  readonly file: string;
  readonly range: string | undefined;
  readonly headers: IncomingMessage['headers'];
  /** Which request for this file and range it is, from 1. */
  readonly attempt: number;
}

export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** The connection breaks, after so many bytes of the body where `after` is given. */
  | { readonly kind: 'reset'; readonly after?: number }
  /** The answer says it is shorter than the range, and is. */
  | { readonly kind: 'shorter' }
  /** Nothing more comes after so many bytes. */
  | { readonly kind: 'stall'; readonly after: number }
  | { readonly kind: 'ignore range' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Another version. */
  | { readonly kind: 'version'; readonly etag: string }
  /** One byte is another, and the checksum that comes along is the right one's. */
  | { readonly kind: 'corrupt' };

export interface WebServer {
  /** Of the root, without a slash at the end. */
  readonly url: string;
  readonly seen: Seen[];
  /** Decides what goes wrong with a request. */
  fault: ((request: Seen) => Fault | undefined) | null;
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** Bytes of bodies sent so far. */
  sent(): number;
  close(): Promise<void>;
}

export async function serveFolder(root: string): Promise<WebServer> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const attempts = new Map<string, number>();
  let sent = 0;
  const server: Server = createServer((request, response) => {
    const file = decodeURIComponent(new URL(request.url!, 'http://x').pathname.slice(1));
    const { range } = request.headers;
    const key = `${request.method} ${file} ${range}`;
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    const { method = 'GET', headers } = request;
    const one: Seen = { method, file, range, headers, attempt };
    seen.push(one);
    const fault = web.fault?.(one);
    const answer = () => {
      sent += respond(path.join(root, file), one, response, fault);
    };
    if (fault?.kind === 'delay') setTimeout(answer, fault.ms);
    else answer();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const web: WebServer = {
    url: `http://127.0.0.1:${port}`,
    seen,
    fault: null,
    sockets,
    sent: () => sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return web;
}

/** Bytes [start, end) that a request is for; null for a file that has no such bytes. */
function extent(range: string | undefined, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? '');
  if (match === null) return { start: 0, end: size };
  if (match[1] === '') return { start: Math.max(0, size - Number(match[2])), end: size };
  const start = Number(match[1]);
  const end = match[2] === '' ? size : Math.min(size, Number(match[2]) + 1);
  return start < end ? { start, end } : null;
}

/** Answers; returns the bytes of the body. */
function respond(
  file: string,
  { method, range, headers }: Seen,
  response: ServerResponse,
  fault: Fault | undefined,
): number {
  const found = statSync(file, { throwIfNoEntry: false });
  if (fault?.kind === 'status') {
    response.writeHead(fault.status, fault.headers ?? {}).end();
    return 0;
  }
  if (fault?.kind === 'reset' && fault.after === undefined) {
    response.socket?.resetAndDestroy();
    return 0;
  }
  if (found === undefined || !found.isFile()) {
    response.writeHead(404).end();
    return 0;
  }
  const etag = fault?.kind === 'version' ? fault.etag : `"${found.size}-${found.mtimeMs}"`;
  const wanted = headers['if-match'];
  if (wanted !== undefined && wanted !== etag) {
    response.writeHead(412).end();
    return 0;
  }
  const ignores = fault?.kind === 'ignore range';
  const part = extent(ignores ? undefined : range, found.size);
  if (part === null) {
    response.writeHead(416, { 'content-range': `bytes */${found.size}` }).end();
    return 0;
  }
  const isPart = range !== undefined && !ignores;
  const length = part.end - part.start - (fault?.kind === 'shorter' ? 1 : 0);
  const fields: Record<string, string> = { etag, 'content-length': String(length) };
  if (isPart) fields['content-range'] = `bytes ${part.start}-${part.end - 1}/${found.size}`;
  if (method === 'HEAD') {
    response.writeHead(200, fields).end();
    return 0;
  }
  if (fault === undefined || fault.kind === 'ignore range' || fault.kind === 'version') {
    response.writeHead(isPart ? 206 : 200, fields);
    if (length === 0) response.end();
    else createReadStream(file, { start: part.start, end: part.end - 1 }).pipe(response);
    return length;
  }
  const bytes = readFileSync(file).subarray(part.start, part.start + length);
  if (fault.kind === 'corrupt') fields['content-digest'] = digestOf(bytes);
  response.writeHead(isPart ? 206 : 200, fields);
  return sendFaulty(bytes, response, fault);
}

function sendFaulty(bytes: Buffer, response: ServerResponse, fault: Fault): number {
  switch (fault.kind) {
    case 'reset': {
      response.write(bytes.subarray(0, fault.after), () => response.socket?.resetAndDestroy());
      return fault.after ?? 0;
    }
    case 'stall':
      response.write(bytes.subarray(0, Math.max(1, fault.after)));
      return fault.after;
    case 'corrupt': {
      const wrong = Buffer.from(bytes);
      if (wrong.length > 0) wrong[wrong.length >> 1]! ^= 1;
      response.end(wrong);
      return wrong.length;
    }
    default:
      response.end(bytes);
      return bytes.length;
  }
}

function digestOf(bytes: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
}
