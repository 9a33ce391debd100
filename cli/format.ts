/** Numbers as people read them; the same on every machine, whatever its language. */

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,234,567` */
export function countText(count: number): string {
  return WHOLE.format(count);
}

/** `1 row`, `2 rows` */
export function countOf(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `45.2 kB`; decimal units. */
export function bytesText(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `0.42 s`, `12.3 s`, `3 min 5 s`, `2 h 14 min` */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An estimate: `3 s`, `3 min 5 s` */
export function aboutSecondsText(seconds: number): string {
  return seconds < 59.5 ? `${Math.max(1, Math.round(seconds))} s` : secondsText(seconds);
}

/** A share of one as `97.83 %`; never rounded up to the whole. */
export function percentText(share: number): string {
  const percent = share < 1 ? Math.min(share * 100, 99.99) : share * 100;
  return `${percent.toFixed(2)} %`;
}
