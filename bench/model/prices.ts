/** Machines to rent, out of bench/ec2/prices.csv: figures that change are data with a date, not code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Rented {
  readonly instance: string;
  readonly cores: number;
  readonly networkBytesPerSecond: number;
  /** Of its own disks; 0: it has none. */
  readonly diskBytesPerSecond: number;
  readonly memoryBytesPerSecond: number;
  readonly dollarsPerHour: number;
  /** When the price was looked up, as year and month. */
  readonly recorded: string;
}

export function readPrices(
  file: string = join(import.meta.dirname, '..', 'ec2', 'prices.csv'),
): Rented[] {
  const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = head!.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    const value = (name: string) => fields[names.indexOf(name)]!;
    return {
      instance: value('instance'),
      cores: Number(value('vcpus')),
      networkBytesPerSecond: (Number(value('network_gbit')) * 1e9) / 8,
      diskBytesPerSecond: Number(value('local_nvme_gb_per_s')) * 1e9,
      memoryBytesPerSecond: Number(value('memory_gb_per_s')) * 1e9,
      dollarsPerHour: Number(value('usd_per_hour')),
      recorded: value('recorded'),
    };
  });
}
