/** Writing to S3: small objects in one request, large ones in parts that are taken back when something fails. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { processMeter } from '../meter.ts';
import type { ReadOptions } from '../store-port.ts';
import { writing } from '../write-error.ts';
import { remoteGuard } from './hosts.ts';
import { Problem } from './problem.ts';
import { payer, putObject, sendS3 } from './s3-store.ts';

/** S3 takes parts of at least 5 MiB, and at most 10,000 of them. */
const PART_BYTES = 8 << 20;
const MAX_PARTS = 10_000;

/** Removes objects; those that are not there are no error. */
export async function deleteObjects(
  paths: readonly string[],
  options: ReadOptions = {},
): Promise<void> {
  for (const path of paths) {
    await guarded(path, options, (how) =>
      sendS3(path, how, (sdk, client, place) =>
        client.send(new sdk.DeleteObjectCommand({ ...place, ...payer() }), {
          abortSignal: how.signal as AbortSignal,
        }),
      ),
    );
  }
}

/** Sends a local file, whole or not at all. */
export async function uploadFile(
  file: string,
  path: string,
  options: ReadOptions = {},
): Promise<void> {
  const { size } = await writing(file, () => stat(file));
  if (size <= PART_BYTES) {
    const bytes = await readPart(file, 0, size);
    await guarded(path, options, (how) => putObject(path, bytes, how), size);
    return;
  }
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS));
  const id = await guarded(path, options, (how) => createUpload(path, how));
  try {
    const parts: string[] = [];
    for (let start = 0; start < size; start += partBytes) {
      const bytes = await readPart(file, start, Math.min(size, start + partBytes));
      const number = parts.length + 1;
      parts.push(
        await guarded(path, options, (how) => putPart(path, id, number, bytes, how), bytes.length),
      );
    }
    await guarded(path, options, (how) => completeUpload(path, id, parts, how));
  } catch (error) {
    // Parts that nobody completes are paid for until they are taken back. The first error is the one to report.
    const quiet = { ...options, signal: undefined };
    await guarded(path, quiet, (how) => abortUpload(path, id, how)).catch(() => {});
    throw error;
  }
}

function guarded<T>(
  path: string,
  options: ReadOptions,
  work: (options: ReadOptions) => Promise<T>,
  bytes = 0,
): Promise<T> {
  return remoteGuard(path).run({ path, verb: 'written' }, bytes, options, false, work);
}

async function readPart(file: string, start: number, end: number): Promise<Uint8Array> {
  if (start === end) return new Uint8Array(0);
  const chunks: Buffer[] = [];
  await writing(file, async () => {
    for await (const chunk of createReadStream(file, { start, end: end - 1 })) {
      chunks.push(chunk as Buffer);
    }
  });
  return Buffer.concat(chunks);
}

async function createUpload(path: string, options: ReadOptions): Promise<string> {
  const answer = await sendS3(path, options, (sdk, client, place) =>
    client.send(new sdk.CreateMultipartUploadCommand({ ...place, ...payer() }), {
      abortSignal: options.signal as AbortSignal,
    }),
  );
  if (answer.UploadId === undefined) throw new Problem('refused', 'it gave no upload id');
  return answer.UploadId;
}

async function putPart(
  path: string,
  id: string,
  number: number,
  bytes: Uint8Array,
  options: ReadOptions,
): Promise<string> {
  const answer = await sendS3(path, options, (sdk, client, place) =>
    client.send(
      new sdk.UploadPartCommand({
        ...place,
        ...payer(),
        UploadId: id,
        PartNumber: number,
        Body: bytes,
      }),
      { abortSignal: options.signal as AbortSignal },
    ),
  );
  if (answer.ETag === undefined) throw new Problem('refused', `part ${number} has no tag`);
  (options.meter ?? processMeter).add('bytesSent', bytes.length);
  return answer.ETag;
}

async function completeUpload(
  path: string,
  id: string,
  tags: readonly string[],
  options: ReadOptions,
): Promise<void> {
  const Parts = tags.map((ETag, i) => ({ ETag, PartNumber: i + 1 }));
  await sendS3(path, options, (sdk, client, place) =>
    client.send(
      new sdk.CompleteMultipartUploadCommand({
        ...place,
        ...payer(),
        UploadId: id,
        MultipartUpload: { Parts },
      }),
      { abortSignal: options.signal as AbortSignal },
    ),
  );
}

async function abortUpload(path: string, id: string, options: ReadOptions): Promise<void> {
  await sendS3(path, options, (sdk, client, place) =>
    client.send(new sdk.AbortMultipartUploadCommand({ ...place, ...payer(), UploadId: id }), {
      abortSignal: options.signal as AbortSignal,
    }),
  );
}
