/** How the classification compares with what is known of the objects. */
import type { Catalog, RunSettings } from 'crosshatch';

interface Found {
  readonly kind_ztf: string;
  readonly true_period_ztf: number | null;
  readonly period: number | null;
  readonly pRRLy: number;
}

/** Periods agree when they differ by less than this share. */
const AGREES = 0.01;
/** Cycles per day that a survey of single nights takes for one another: solar and sidereal days, and twice these. */
const ALIASES = [1, 1.002738, 2, 2.005476, 0.5];

/** A few lines: how many of each kind were kept, and how many periods are right; `source`: what the known ones are. */
export async function checkPeriods(
  catalog: Catalog,
  source: 'published' | 'synthetic',
  settings: RunSettings,
): Promise<string> {
  const columns = ['kind_ztf', 'true_period_ztf', 'period', 'pRRLy'];
  const table = await catalog.select(columns).collect(settings);
  const rows = table.toArray().map((row) => row?.toJSON() as unknown as Found);
  const lines = ['RR Lyrae', 'supernova', 'star'].map((kind) => {
    const all = rows.filter((row) => row.kind_ztf === kind);
    return `${kind}: ${all.filter(({ pRRLy }) => pRRLy > 0.5).length} of ${all.length} kept`;
  });
  const known = rows.filter((row) => row.true_period_ztf !== null && row.period !== null);
  const right = known.filter((row) => agrees(row.period!, row.true_period_ztf!)).length;
  const alias = known.filter((row) => isAlias(row.period!, row.true_period_ztf!)).length;
  const percent = (count: number) => `${((100 * count) / known.length).toFixed(1)} %`;
  lines.push(
    `periods of ${known.length} stars: ${percent(right)} within 1 % of the ${source} one, ${percent(alias)} an alias of it`,
  );
  return lines.join('\n');
}

function agrees(found: number, published: number): boolean {
  return Math.abs(found / published - 1) < AGREES;
}

function isAlias(found: number, published: number): boolean {
  if (agrees(found, published)) return false;
  const [f, p] = [1 / found, 1 / published];
  if (agrees(found, 2 * published) || agrees(found, published / 2)) return true;
  return ALIASES.some((step) =>
    [p + step, p - step, step - p].some((alias) => alias > 0 && agrees(1 / f, 1 / alias)),
  );
}
