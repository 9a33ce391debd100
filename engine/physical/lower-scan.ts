/** A scan as the first step of a cell's program: what is read of the catalog, and its columns. */
import type { CatalogInfo, Column } from '../../catalogs/types.ts';
import { boundsOf } from '../expression/bounds.ts';
import { nestOf } from '../expression/nest-type.ts';
import type { ScanNode } from '../plan/node.ts';
import type { BoundColumn, ScanSpec } from '../task.ts';
import type { Bindings, CompiledSql } from './bind.ts';

/** One scan of the program, with what forming cells needs to know of it. */
export interface ProgramScan {
  readonly spec: ScanSpec;
  readonly catalog: CatalogInfo;
  /** Columns that may be read, in schema order; `lc.mag` where only that field of a nested column is. */
  readonly reads: readonly string[];
  /** Indices into `catalog.partitions` that may be read. */
  readonly partitions: readonly number[];
  /** Rows this far outside a cell can matter to it, arcsec; 0 for the scan that gives rows their place. */
  readonly reachArcsec: number;
  /** False where a left join keeps the left rows even when this scan has none. */
  readonly required: boolean;
  /** Partners are looked for along the NESTED curve: in the next partitions that have rows, or in all. */
  readonly alongCurve?: 'next' | 'all';
}

/** What a scan is to the plan above it. */
export type ScanPlace = Pick<ProgramScan, 'reachArcsec' | 'required' | 'alongCurve'>;

export function lowerScan(
  plan: ScanNode,
  compiled: CompiledSql,
  dropInvalid: boolean,
  place: ScanPlace,
): ProgramScan {
  const { catalog } = plan;
  const filters = plan.filters.map((expression) => {
    const { sql, inputs } = compiled.ofRows(expression);
    return { sql, inputs };
  });
  const bounds = plan.filters.flatMap((filter) => boundsOf(filter, catalog.columns));
  const needed = new Set([
    ...plan.columns,
    ...positionNames(catalog),
    ...(catalog.healpix === undefined ? [] : [catalog.healpix.name]),
    ...plan.filters.flatMap(({ columns }) => columns),
  ]);
  return {
    spec: {
      label: catalog.name,
      ...(positionNames(catalog).length === 0
        ? {}
        : { ra: catalog.raColumn!, dec: catalog.decColumn! }),
      ...(catalog.healpix === undefined ? {} : { healpix: catalog.healpix }),
      columns: catalog.columns
        .filter(({ name }) => needed.has(name))
        .map(({ name, type }) => ({ name, type })),
      allColumns: catalog.columns.map(({ name, type }) => ({ name, type })),
      ...(catalog.schemaFile === undefined ? {} : { schemaFile: catalog.schemaFile }),
      filters,
      regions: plan.regions,
      dropInvalid,
      reachArcsec: place.reachArcsec,
      ...(catalog.type === 'margin' ? { aroundPartitions: true } : {}),
      ...(bounds.length === 0 ? {} : { bounds }),
      ...(plan.near === undefined ? {} : { near: plan.near }),
    },
    catalog,
    reads: catalog.columns
      .filter(({ name }) => needed.has(name))
      .flatMap((column) => partsRead(plan, column)),
    partitions: plan.partitions ?? catalog.partitions.map((_, i) => i),
    ...place,
  };
}

/** A column, or the fields of it that are needed. Lists of structs are read whole. */
function partsRead({ columns, fields, filters }: ScanNode, { name, type }: Column): string[] {
  const nest = nestOf(type);
  const uses = filters.flatMap((filter) => filter.uses.filter(({ column }) => column === name));
  const isWhole = columns.includes(name) && fields?.[name] === undefined;
  if (nest?.form !== 'lists' || isWhole || uses.some(({ field }) => field === undefined)) {
    return [name];
  }
  const needed = new Set([...(fields?.[name] ?? []), ...uses.map(({ field }) => field)]);
  return nest.fields.flatMap((field) => (needed.has(field.name) ? [`${name}.${field.name}`] : []));
}

/** All columns of a catalog, read in scan number `scan`. */
export function scanBindings({ columns }: CatalogInfo, scan: number): Bindings {
  return new Map(
    columns.map(({ name, type }): [string, BoundColumn] => [
      name,
      { name, type, ref: { kind: 'scan', scan, column: name } },
    ]),
  );
}

function positionNames({ raColumn, decColumn }: CatalogInfo): string[] {
  return raColumn === undefined || decColumn === undefined ? [] : [raColumn, decColumn];
}
