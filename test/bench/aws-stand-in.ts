/**
 * As much of the AWS command line as the scripts for large machines use, over the S3 server of AWS_ENDPOINT_URL:
 *
 *     aws s3 cp [--only-show-errors] [--recursive] FROM TO      aws s3 sync [--only-show-errors] FROM TO
 *     aws ec2 run-instances … --user-data file://FILE …         keeps the file as $STARTED, prints a name
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

const [service, command, ...rest] = process.argv.slice(2);
const s3 = new S3Client({ forcePathStyle: true });

if (service === 'ec2') startMachine();
else await copy();

function startMachine(): void {
  const data = rest[rest.indexOf('--user-data') + 1]!;
  copyFileSync(data.replace('file://', ''), process.env['STARTED']!);
  console.log('i-0123');
}

async function copy(): Promise<void> {
  const [from = '', to = ''] = rest.filter((word) => !word.startsWith('--'));
  const isTree = command === 'sync' || rest.includes('--recursive');
  for (const name of isTree ? await namesBelow(from) : ['']) {
    await copyOne(isTree ? below(from, name) : from, isTree ? below(to, name) : to);
  }
}

function isBucket(place: string): boolean {
  return place.startsWith('s3://');
}

function below(place: string, name: string): string {
  return isBucket(place) ? `${place}/${name}` : join(place, name);
}

function objectOf(place: string) {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(place)!;
  return { Bucket: bucket!, Key: key! };
}

async function namesBelow(place: string): Promise<string[]> {
  if (!isBucket(place)) {
    const entries = readdirSync(place, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));
  }
  const { Bucket, Key } = objectOf(`${place}/`);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
  return Contents.map((object) => object.Key!.slice(Key.length));
}

async function copyOne(from: string, to: string): Promise<void> {
  if (isBucket(to)) {
    await s3.send(new PutObjectCommand({ ...objectOf(to), Body: readFileSync(from) }));
    return;
  }
  const { Body } = await s3.send(new GetObjectCommand(objectOf(from)));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, await Body!.transformToByteArray());
}
