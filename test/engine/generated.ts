/** Whole generated catalogs, for tests that compare them. */
import { planGeneration } from '../../engine/generate/plan.ts';
import { generateCell } from '../../engine/generate/rows.ts';
import type { GenerateSpec } from '../../engine/generate/spec.ts';

type Values = BigInt64Array | Float64Array | Float32Array | Int32Array | Int8Array;

/** All rows of a catalog, cell after cell, as one array per column. */
export function wholeCatalog(spec: GenerateSpec): Record<string, Values> {
  const plan = planGeneration(spec);
  const cells = plan.cells.map((_, i) => generateCell(spec, plan, i));
  const names = cells[0]!.columns.map((column) => column.name);
  return Object.fromEntries(
    names.map((name, c) => [name, joined(cells.map((cell) => cell.columns[c]!.values))]),
  );
}

function joined(parts: readonly Values[]): Values {
  const bytes = Buffer.concat(
    parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const Kind = parts[0]!.constructor as new (data: ArrayBufferLike) => Values;
  return new Kind(copy);
}
