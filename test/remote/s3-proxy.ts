/** An S3 server in this process behind a proxy that says other things in its place. */
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFauxqs } from 'fauxqs';

export const LATE_MS = 600;

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly signed: boolean;
  /** From 1, over all requests since the record was emptied. */
  readonly number: number;
}

/** `lost`: the server does what is asked, and its answer never comes; `late`: it comes after {@link LATE_MS}. */
export type Answer =
  | { readonly status: number; readonly code: string; readonly headers?: Record<string, string> }
  | { readonly xml: string }
  | { readonly body: string; readonly headers: Record<string, string> }
  | 'reset'
  | 'lost'
  | 'late'
  | undefined;

export interface S3Proxy {
  /** Decides what is said instead of the server's answer. */
  fault: ((asked: Asked) => Answer) | null;
  /** Every request so far. */
  asked: Asked[];
  readonly url: string;
  close(): Promise<void>;
}

/** Starts both, with a bucket, and makes this process use them. */
export async function startS3Proxy(bucket: string): Promise<S3Proxy> {
  const server = await startFauxqs({ port: 0, logger: false });
  server.createBucket(bucket);
  const proxy = createServer((from, to) => {
    const { method = 'GET', url = '', headers } = from;
    const signed = headers.authorization !== undefined;
    const one = { method, url, headers, signed, number: s3.asked.length + 1 };
    s3.asked.push(one);
    const answer = s3.fault?.(one);
    if (answer === 'reset') {
      from.socket.resetAndDestroy();
      return;
    }
    if (typeof answer === 'object') {
      from.resume();
      if ('xml' in answer) {
        to.writeHead(200, { 'content-type': 'application/xml' }).end(answer.xml);
        return;
      }
      if ('body' in answer) {
        to.writeHead(200, answer.headers).end(answer.body);
        return;
      }
      const xml = `<?xml version="1.0"?><Error><Code>${answer.code}</Code><Message>so</Message></Error>`;
      to.writeHead(answer.status, { 'content-type': 'application/xml', ...answer.headers });
      to.end(method === 'HEAD' ? '' : xml);
      return;
    }
    const target = new URL(url, server.address);
    const passed = forward(target, { method, headers }, (back) => {
      if (answer === 'lost') {
        back.resume().on('end', () => from.socket.resetAndDestroy());
        return;
      }
      const give = () => {
        to.writeHead(back.statusCode!, back.headers);
        back.pipe(to);
      };
      if (answer === 'late') setTimeout(give, LATE_MS);
      else give();
    });
    from.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const s3: S3Proxy = {
    fault: null,
    asked: [],
    url,
    async close() {
      proxy.closeAllConnections();
      proxy.close();
      await server.stop();
    },
  };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  return s3;
}
