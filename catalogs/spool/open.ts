/** The spool of a run, over the folder that all runs of this process share. */
import { reliableStore } from '../store.ts';
import { SpoolFolder } from './folder.ts';
import { spoolSettings } from './settings.ts';
import { Spool, type SpoolOptions } from './spool.ts';

const folders = new Map<string, Promise<SpoolFolder>>();

/** The folder as the settings say; opened once. */
export function spoolFolder(): Promise<SpoolFolder> {
  const settings = spoolSettings();
  const key = JSON.stringify(settings);
  let folder = folders.get(key);
  if (folder === undefined) {
    folder = SpoolFolder.open(settings);
    folder.catch(() => folders.delete(key));
    folders.set(key, folder);
  }
  return folder;
}

export async function openSpool(options: SpoolOptions): Promise<Spool> {
  return new Spool(await spoolFolder(), reliableStore, options);
}
