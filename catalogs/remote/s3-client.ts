/** S3 clients: configured as the AWS command line is, one per bucket, so that each can have its own region. */
import { readFileSync } from 'node:fs';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { requestError } from '../../partitioning/error.ts';
import { Problem } from './problem.ts';
import { remoteSettings } from './settings.ts';

export type S3Module = typeof import('@aws-sdk/client-s3');

/** The SDK, loaded when the first S3 path is used: it takes as long as a small query. */
export function s3Module(): Promise<S3Module> {
  return import('@aws-sdk/client-s3');
}

export interface S3Place {
  readonly bucket: string;
  /** Without a slash at either end; empty for the bucket itself. */
  readonly key: string;
}

/** Bucket and key of an `s3://` path. Throws the `request` error when there is no bucket. */
export function s3Place(path: string): S3Place {
  const match = /^s3:\/\/([^/]+)\/*(.*?)\/*$/i.exec(path);
  if (match === null) {
    throw requestError('the path names no bucket', 'Give it as s3://BUCKET/PATH.', path);
  }
  return { bucket: match[1]!, key: match[2]! };
}

interface Kept {
  readonly client: Promise<S3Client>;
  /** A changed endpoint or profile makes a new client. */
  readonly setup: string;
}

const clients = new Map<string, Kept>();

/** The client for a bucket. */
export function s3Client(bucket: string): Promise<S3Client> {
  const setup = JSON.stringify([remoteSettings(), environment()]);
  const kept = clients.get(bucket);
  if (kept?.setup === setup) return kept.client;
  const client = createClient();
  clients.set(bucket, { client, setup });
  client.catch(() => clients.delete(bucket));
  return client;
}

/** Makes the next request look its credentials up again. */
export function forgetClient(bucket: string): void {
  clients.delete(bucket);
}

function environment(): (string | undefined)[] {
  const names = Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
  return names.sort().map((name) => `${name}=${process.env[name]}`);
}

async function createClient(): Promise<S3Client> {
  const { S3Client } = await s3Module();
  const endpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  const config: S3ClientConfig = {
    // Tries, limits and hedges are this project's own, the same for every protocol.
    maxAttempts: 1,
    followRegionRedirects: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { httpsAgent: { maxSockets: 128 }, httpAgent: { maxSockets: 128 } },
    // Servers other than Amazon's rarely answer under a host name per bucket.
    ...(endpoint === undefined ? {} : { forcePathStyle: true }),
    ...(hasRegion() ? {} : { region: 'us-east-1' }),
  };
  const signed = remoteSettings().anonymous ? null : await credentials();
  if (signed !== null) return new S3Client({ ...config, credentials: signed });
  const unsigned = { sign: async <T>(request: T) => request };
  return new S3Client({
    ...config,
    credentials: { accessKeyId: '', secretAccessKey: '' },
    signer: unsigned as unknown as NonNullable<S3ClientConfig['signer']>,
  });
}

function hasRegion(): boolean {
  return ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE'].some(
    (name) => (process.env[name] ?? '') !== '',
  );
}

/** Whatever credentials the machine has; null for none, when requests go out unsigned. */
async function credentials(): Promise<S3ClientConfig['credentials'] | null> {
  // The address at which a machine in Amazon's cloud finds its role takes seconds not to answer elsewhere.
  if (!isInCloud()) process.env['AWS_EC2_METADATA_DISABLED'] ??= 'true';
  const { S3Client } = await s3Module();
  const probe = new S3Client({ region: 'us-east-1' });
  try {
    const provider = probe.config.credentials;
    await provider();
    return provider;
  } catch (error) {
    if (
      process.env['AWS_PROFILE'] !== undefined ||
      process.env['AWS_ACCESS_KEY_ID'] !== undefined
    ) {
      const reason = error instanceof Error ? error.message : String(error);
      const what = `the credentials cannot be loaded: ${reason}`;
      const problem = new Problem('denied', what, { cause: error });
      throw problem;
    }
    return null;
  }
}

function isInCloud(): boolean {
  const given = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_EXECUTION_ENV'];
  if (given.some((name) => process.env[name] !== undefined)) return true;
  try {
    return /amazon|ec2/i.test(readFileSync('/sys/class/dmi/id/sys_vendor', 'utf8'));
  } catch {
    return false;
  }
}
