/** The stores for `s3://`, `http://` and `https://` paths: single attempts with limits, hedges and tries around them. */
import { requestError, storageError } from '../../partitioning/error.ts';
import { schemeOf } from '../path.ts';
import type { Store } from '../store-port.ts';
import type { Attempts } from './attempts.ts';
import { remoteGuard } from './hosts.ts';
import { SMALL_BYTES } from './limits.ts';

/** No file that is read whole is longer, unless the reader says so. */
const MAX_WHOLE_BYTES = 1 << 30;

/** The protocol's code is loaded when it is first needed: a local query must not pay for it. */
async function attemptsFor(path: string): Promise<Attempts> {
  return schemeOf(path) === 's3'
    ? (await import('./s3-store.ts')).s3Attempts
    : (await import('./http-store.ts')).httpAttempts;
}

export const remoteStore: Store = {
  async stat(path) {
    const attempts = await attemptsFor(path);
    return remoteGuard(path).run({ path }, 0, {}, false, (how) => attempts.stat(path, how));
  },

  async readRange(path, start, end, options = {}) {
    if (start === end) return new Uint8Array(0);
    const attempts = await attemptsFor(path);
    const range = `bytes ${start} to ${end}`;
    return remoteGuard(path).run({ path, range }, end - start, options, true, (how) =>
      attempts.readRange(path, start, end, how),
    );
  },

  async readTail(path, bytes, options = {}) {
    const attempts = await attemptsFor(path);
    const range = `its last ${bytes} bytes`;
    return remoteGuard(path).run({ path, range }, bytes, options, true, (how) =>
      attempts.readTail(path, bytes, how),
    );
  },

  async readAll(path, maxBytes = MAX_WHOLE_BYTES) {
    const bytes = await remoteStore.find!(path, maxBytes);
    if (bytes === undefined) {
      throw storageError('there is no such object', path, 'Check the path.');
    }
    return bytes;
  },

  async find(path, maxBytes, options = {}) {
    const attempts = await attemptsFor(path);
    return remoteGuard(path).run({ path }, SMALL_BYTES, options, true, (how) =>
      attempts.find(path, maxBytes, how),
    );
  },

  async list(dir) {
    const attempts = await attemptsFor(dir);
    const guard = remoteGuard(dir);
    return guard.run({ path: dir, verb: 'listed' }, SMALL_BYTES, {}, false, (how) =>
      attempts.list(dir, how),
    );
  },

  async listDeep(dir) {
    const attempts = await attemptsFor(dir);
    const guard = remoteGuard(dir);
    return guard.run({ path: dir, verb: 'listed' }, SMALL_BYTES, {}, false, (how) =>
      attempts.list(dir, how, true),
    );
  },

  async write(path, bytes) {
    const attempts = await attemptsFor(path);
    const { write } = attempts;
    if (write === undefined) {
      throw requestError(
        `nothing can be written over ${schemeOf(path)}://`,
        'Write to a local folder or to s3://.',
        path,
      );
    }
    await remoteGuard(path).run({ path, verb: 'written' }, bytes.length, {}, false, (how) =>
      write(path, bytes, how),
    );
  },
};
