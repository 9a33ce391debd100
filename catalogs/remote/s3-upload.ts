/** Writing to S3: small objects in one request, large ones in parts that are taken back when something fails. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CrosshatchError } from '../../partitioning/error.ts';
import { processMeter } from '../meter.ts';
import type { ReadOptions } from '../store-port.ts';
import { writing } from '../write-error.ts';
import { remoteGuard } from './hosts.ts';
import { Problem } from './problem.ts';
import { s3Place } from './s3-client.ts';
import { payer, putObject, s3Attempts, sendS3 } from './s3-store.ts';

/** S3 takes parts of at least 5 MiB, and at most 10,000 of them. */
const PART_BYTES = 8 << 20;
const MAX_PARTS = 10_000;

/** Requests sent side by side that carry no data. */
const REQUESTS_IN_FLIGHT = 16;

/** Removes objects; those that are not there are no error. */
export async function deleteObjects(
  paths: readonly string[],
  options: ReadOptions = {},
): Promise<void> {
  const remove = (path: string) =>
    guarded(path, options, (how) =>
      sendS3(path, how, (sdk, client, place) =>
        client.send(new sdk.DeleteObjectCommand({ ...place, ...payer() }), {
          abortSignal: how.signal as AbortSignal,
        }),
      ),
    );
  for (let i = 0; i < paths.length; i += REQUESTS_IN_FLIGHT) {
    await Promise.all(paths.slice(i, i + REQUESTS_IN_FLIGHT).map(remove));
  }
}

/**
 * Copies an object within the store. False where the bucket will not: because it is above the 5 GB that S3 copies, may
 * not be read, or the server knows no copies.
 */
export async function copyObject(
  from: string,
  to: string,
  options: ReadOptions = {},
): Promise<boolean> {
  const { bucket, key } = s3Place(from);
  const CopySource = [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
  const request = { path: to, verb: 'written', isSilent: true };
  const copy = (how: ReadOptions) =>
    sendS3(to, how, (sdk, client, place) =>
      client.send(new sdk.CopyObjectCommand({ ...place, ...payer(), CopySource }), {
        abortSignal: how.signal as AbortSignal,
      }),
    );
  try {
    await remoteGuard(to).run(request, 0, options, false, copy);
    return true;
  } catch (error) {
    const problem = error instanceof CrosshatchError ? error.cause : undefined;
    if (problem instanceof Problem && !problem.isPassing) return false;
    throw error;
  }
}

/** Takes back the uploads to a folder that nobody completed. */
export async function abortUploadsBelow(folder: string, options: ReadOptions = {}): Promise<void> {
  const { bucket, key } = s3Place(folder);
  let after: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  do {
    const asked = { ...payer(), Prefix: `${key}/`, ...after };
    const page = await guarded(folder, options, (how) =>
      sendS3(folder, how, (sdk, client, { Bucket }) =>
        client.send(new sdk.ListMultipartUploadsCommand({ Bucket, ...asked }), {
          abortSignal: how.signal as AbortSignal,
        }),
      ),
    );
    for (const { Key, UploadId } of page.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined) continue;
      const path = `s3://${bucket}/${Key}`;
      await guarded(path, options, (how) => abortUpload(path, UploadId, how));
    }
    const { NextKeyMarker, NextUploadIdMarker } = page;
    after =
      page.IsTruncated === true
        ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
        : {};
  } while (after.KeyMarker !== undefined);
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
  try {
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
  } catch (error) {
    if (!(error instanceof Problem && error.kind === 'missing')) throw error;
    // An earlier try may have completed it, and only its answer was lost.
    const stat = await s3Attempts.stat(path, options);
    if (stat?.etag !== tagOfParts(tags)) throw error;
  }
}

/** The tag that S3 gives an object made of parts: a checksum of theirs. */
function tagOfParts(tags: readonly string[]): string {
  const sums = Buffer.from(tags.map((tag) => tag.replaceAll('"', '')).join(''), 'hex');
  return `"${createHash('md5').update(sums).digest('hex')}-${tags.length}"`;
}

async function abortUpload(path: string, id: string, options: ReadOptions): Promise<void> {
  await sendS3(path, options, (sdk, client, place) =>
    client.send(new sdk.AbortMultipartUploadCommand({ ...place, ...payer(), UploadId: id }), {
      abortSignal: options.signal as AbortSignal,
    }),
  );
}
