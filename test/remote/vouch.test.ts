import {
  copyFileSync,
  linkSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isVouched, vouch } from '../../catalogs/spool/vouch.ts';
import { tempFolder } from '../query/temp-folder.ts';

const temp = tempFolder();
let made = 0;

/** An entry that was vouched for while the machine ran since `boot`. */
async function vouched(boot: string): Promise<string> {
  const entry = temp(`${made++}.parquet`);
  writeFileSync(entry, 'what was fetched');
  await vouch(entry, entry, temp('note'), boot);
  return entry;
}

describe('an entry that was found whole', () => {
  test('need not be looked at again while the machine runs', async () => {
    const entry = await vouched('first');
    expect(await isVouched(entry, entry, 'first')).toBe(true);
    // Being used, under another name, changes nothing.
    linkSync(entry, `${entry}.own`);
    utimesSync(`${entry}.own`, new Date(), statSync(entry).mtime);
    expect(await isVouched(entry, `${entry}.own`, 'first')).toBe(true);
    expect(readFileSync(entry, 'utf8')).toBe('what was fetched');
  });

  test('is looked at after the next start: the power may have failed', async () => {
    const after = await vouched('first');
    expect(await isVouched(after, after, 'second')).toBe(false);
  });

  test('is looked at where the system does not tell of its start', async () => {
    const entry = temp('untold.parquet');
    writeFileSync(entry, 'x');
    await vouch(entry, entry, temp('note'), null);
    expect(await isVouched(entry, entry, null)).toBe(false);
    expect(await isVouched(entry, entry, 'first')).toBe(false);
  });

  test('is looked at when anybody has written to it', async () => {
    const entry = await vouched('first');
    writeFileSync(entry, 'what was changed');
    expect(await isVouched(entry, entry, 'first')).toBe(false);
  });

  test('is looked at when another file has taken its place', async () => {
    const entry = await vouched('first');
    const other = temp('other');
    writeFileSync(other, 'something else .');
    const whole = new Date(Math.floor(Date.now() / 1000) * 1000);
    utimesSync(other, whole, whole);
    renameSync(other, entry);
    expect(await isVouched(entry, entry, 'first')).toBe(false);
  });

  test('is looked at where the process has another file than the one that was noted', async () => {
    const entry = await vouched('first');
    copyFileSync(entry, `${entry}.own`);
    expect(await isVouched(entry, `${entry}.own`, 'first')).toBe(false);
  });

  test('that is gone is not vouched for', async () => {
    await vouch(temp('none'), temp('none'), temp('note'), 'first');
    expect(await isVouched(temp('none'), temp('none'), 'first')).toBe(false);
  });
});
