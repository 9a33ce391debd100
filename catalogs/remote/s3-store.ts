/** A store over S3, through the AWS SDK: one attempt a call. Loaded when the first `s3://` path is read. */
import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { processMeter } from '../meter.ts';
import type { FileStat, ReadOptions, StoreEntry } from '../store-port.ts';
import type { Attempts } from './attempts.ts';
import { type AnswerHead, checkTag, collect, extentOf } from './body.ts';
import { networkProblem, Problem, statusProblem } from './problem.ts';
import { forgetClient, type S3Module, s3Client, s3Module, s3Place } from './s3-client.ts';
import { remoteSettings } from './settings.ts';

type Sent<T> = (
  sdk: S3Module,
  client: S3Client,
  place: { Bucket: string; Key: string },
) => Promise<T>;

/** Runs one request of the SDK, with errors as problems. */
export async function sendS3<T>(path: string, options: ReadOptions, send: Sent<T>): Promise<T> {
  const { bucket, key } = s3Place(path);
  const [sdk, client] = await Promise.all([s3Module(), s3Client(bucket)]);
  (options.meter ?? processMeter).add('requests');
  options.onProgress?.(0);
  try {
    return await send(sdk, client, { Bucket: bucket, Key: key });
  } catch (error) {
    const problem = s3Problem(error);
    if (problem instanceof Problem && problem.kind === 'expired') forgetClient(bucket);
    throw problem;
  }
}

/** Options that every request takes. */
export function payer(): { RequestPayer?: 'requester' } {
  return remoteSettings().requesterPays ? { RequestPayer: 'requester' } : {};
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

function s3Problem(error: unknown): unknown {
  if (error instanceof Problem) return error;
  const { name, message, $metadata, $response } = error as SdkError;
  if (name === 'CredentialsProviderError') {
    return new Problem('denied', message ?? 'there are no credentials', { cause: error });
  }
  const status = $metadata?.httpStatusCode;
  // Errors of the connection may carry an empty status.
  if (status === undefined || status === 0 || status < 300) return networkProblem(error);
  const code = name === 'UnknownError' || name === 'Unknown' ? undefined : name;
  return statusProblem(status, code, $response?.headers?.['retry-after']);
}

function isNotThere(error: unknown): boolean {
  // Without permission to list, S3 says 403 for what does not exist; that is told as it is.
  return error instanceof Problem && error.kind === 'missing';
}

interface Got {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly stat: FileStat;
}

async function get(
  path: string,
  range: string | undefined,
  options: ReadOptions & { readonly maxBytes?: number },
): Promise<Got> {
  return sendS3(path, options, async (sdk, client, place) => {
    const command = new sdk.GetObjectCommand({
      ...place,
      ...payer(),
      // The SDK compares them. Checksums are those of whole objects: parts come without.
      ...(range === undefined ? { ChecksumMode: 'ENABLED' as const } : { Range: range }),
      ...(options.etag === undefined ? {} : { IfMatch: options.etag }),
    });
    const answer = await client.send(command, { abortSignal: options.signal as AbortSignal });
    return bodyOf(answer, range, options);
  });
}

async function bodyOf(
  answer: GetObjectCommandOutput,
  range: string | undefined,
  options: ReadOptions & { readonly maxBytes?: number },
): Promise<Got> {
  const body = answer.Body as (AsyncIterable<Uint8Array> & { destroy?: () => void }) | undefined;
  try {
    checkTag(answer.ETag, options.etag);
    const head = headOf(answer);
    const part = answer.ContentRange === undefined ? undefined : extentOf(head);
    const onBytes = (count: number) => {
      (options.meter ?? processMeter).add('bytes', count);
      options.onProgress?.(count);
    };
    const expected = part === undefined ? answer.ContentLength : part.end - part.start;
    const maxBytes = range === undefined ? options.maxBytes : undefined;
    const bytes = await collect(body ?? noBody(), { expected, maxBytes, onBytes });
    const size = part?.size ?? bytes.length;
    const etag = answer.ETag;
    return { bytes, start: part?.start ?? 0, stat: etag === undefined ? { size } : { size, etag } };
  } catch (error) {
    body?.destroy?.();
    throw networkProblem(error);
  }
}

async function* noBody(): AsyncGenerator<Uint8Array, void, void> {}

function headOf(answer: GetObjectCommandOutput): AnswerHead {
  const headers: Record<string, string | undefined> = {
    'content-range': answer.ContentRange,
    'content-length': answer.ContentLength?.toString(),
  };
  return { status: answer.$metadata.httpStatusCode ?? 200, header: (name) => headers[name] };
}

/** Single attempts over S3. */
export const s3Attempts: Attempts = {
  async stat(path, options) {
    try {
      return await sendS3(path, options, async (sdk, client, place) => {
        const command = new sdk.HeadObjectCommand({ ...place, ...payer() });
        const answer = await client.send(command, { abortSignal: options.signal as AbortSignal });
        const size = answer.ContentLength ?? 0;
        return answer.ETag === undefined ? { size } : { size, etag: answer.ETag };
      });
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  },

  async readRange(path, start, end, options) {
    const got = await get(path, `bytes=${start}-${end - 1}`, options);
    const from = start - got.start;
    if (from < 0 || from + (end - start) > got.bytes.length) {
      throw new Problem('short', `${got.bytes.length} bytes from ${got.start} came instead`);
    }
    return got.bytes.subarray(from, from + (end - start));
  },

  async readTail(path, count, options) {
    try {
      const { bytes, stat } = await get(path, `bytes=-${count}`, options).catch((error) => {
        // Some servers refuse to give the last bytes of an object that has fewer.
        if (!(error instanceof Problem && error.kind === 'range')) throw error;
        return get(path, undefined, { ...options, maxBytes: count });
      });
      return { bytes: bytes.subarray(Math.max(0, bytes.length - count)), stat };
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  },

  async find(path, maxBytes, options) {
    try {
      return (await get(path, undefined, { ...options, maxBytes })).bytes;
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  },

  list: listS3,

  write: putObject,
};

/** One directory, or all below it, page by page. */
async function listS3(
  dir: string,
  options: ReadOptions,
  deep = false,
): Promise<StoreEntry[] | undefined> {
  const { bucket, key } = s3Place(dir);
  const prefix = key === '' ? '' : `${key}/`;
  const entries: StoreEntry[] = [];
  const add = (full: string, facts: { directory: boolean; size: number; etag?: string }) => {
    const name = full.slice(prefix.length).replace(/\/$/, '');
    // A folder's own marker object is not an entry of it.
    if (name !== '') entries.push({ path: `s3://${bucket}/${prefix}${name}`, name, ...facts });
  };
  let token: string | undefined;
  do {
    const page = await sendS3(dir, options, (sdk, client, { Bucket }) =>
      client.send(
        new sdk.ListObjectsV2Command({
          Bucket,
          ...payer(),
          Prefix: prefix,
          ...(deep ? {} : { Delimiter: '/' }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
        { abortSignal: options.signal as AbortSignal },
      ),
    );
    for (const { Prefix } of page.CommonPrefixes ?? []) add(Prefix!, { directory: true, size: 0 });
    for (const { Key, Size, ETag } of page.Contents ?? []) {
      add(Key!, {
        directory: false,
        size: Size ?? 0,
        ...(ETag === undefined ? {} : { etag: ETag }),
      });
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Sends bytes as one object: one attempt. */
export async function putObject(
  path: string,
  bytes: Uint8Array,
  options: ReadOptions,
): Promise<void> {
  await sendS3(path, options, async (sdk, client, place) => {
    const command = new sdk.PutObjectCommand({ ...place, ...payer(), Body: bytes });
    await client.send(command, { abortSignal: options.signal as AbortSignal });
    (options.meter ?? processMeter).add('bytesSent', bytes.length);
  });
}
