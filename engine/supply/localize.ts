/** A task that reads local stand-ins instead of remote files. */
import type { HeldFile } from '../../catalogs/spool/spool.ts';
import { CrosshatchError, type ErrorData } from '../../partitioning/error.ts';
import type { CellScan, HaloSource, ScanSpec, StandIn, Task } from '../task.ts';

/** Stand-ins of one scan. */
export interface ScanFiles {
  /** By URL. */
  readonly files: ReadonlyMap<string, HeldFile>;
  /** The stand-in of the schema file. */
  readonly schema?: HeldFile | undefined;
}

/** `task` with the paths of its stand-ins; `scans`: one entry per scan of the task. */
export function localized(task: Task, scans: readonly ScanFiles[]): Task {
  switch (task.kind) {
    case 'cells': {
      const specs = task.program.scans.map((spec, i) => localSpec(spec, scans[i]!));
      const cells = task.cells.map((cell) => ({
        ...cell,
        scans: cell.scans.map((scan, i) => localScan(scan, scans[i]!)),
      }));
      return { ...task, program: { ...task.program, scans: specs }, cells };
    }
    case 'edges':
    case 'margin': {
      const [of] = scans;
      const parts = task.parts.map((part) => ({ ...part, files: localPaths(part.files, of!) }));
      return { ...task, scan: localSpec(task.scan, of!), parts } as typeof task;
    }
    case 'table':
      return {
        ...task,
        scan: localSpec(task.scan, scans[0]!),
        files: localPaths(task.files, scans[0]!),
      };
    case 'generate':
    case 'merge':
    case 'empty':
      return task;
    default:
      throw new Error(`unknown task ${JSON.stringify(task satisfies never)}`);
  }
}

function localSpec(spec: ScanSpec, { files, schema }: ScanFiles): ScanSpec {
  const standIns: Record<string, StandIn> = {};
  for (const { path, url, groups } of files.values()) standIns[path] = { url, groups };
  return {
    ...spec,
    ...(schema === undefined ? {} : { schemaFile: schema.path }),
    standIns,
  };
}

function localScan({ own, halo }: CellScan, of: ScanFiles): CellScan {
  return {
    own: own.map((part) => ({ ...part, files: localPaths(part.files, of) })),
    halo: localHalo(halo, of),
  };
}

function localHalo(halo: HaloSource, of: ScanFiles): HaloSource {
  switch (halo.kind) {
    case 'none':
      return halo;
    case 'margin':
      return { ...halo, files: localPaths(halo.files, of) };
    case 'files':
      return {
        ...halo,
        parts: halo.parts.map((part) => ({ ...part, files: localPaths(part.files, of) })),
      };
    case 'edges':
      return {
        ...halo,
        parts: halo.parts.map((part) => ({ ...part, sources: localPaths(part.sources, of) })),
      };
    default:
      throw new Error(`unknown halo ${JSON.stringify(halo satisfies never)}`);
  }
}

function localPaths(paths: readonly string[], { files }: ScanFiles): string[] {
  return paths.map((path) => files.get(path)?.path ?? path);
}

/** An error that a user can place: stand-ins in it are named by their URLs. */
export function withUrls(error: CrosshatchError, scans: readonly ScanFiles[]): CrosshatchError {
  let { what, where, hint } = error;
  for (const { files, schema } of scans) {
    for (const { path, url } of [...files.values(), ...(schema === undefined ? [] : [schema])]) {
      what = what.replaceAll(path, url);
      where = where?.replaceAll(path, url);
      hint = hint?.replaceAll(path, url);
    }
  }
  const data: ErrorData = {
    ...error.toData(),
    what,
    ...(where === undefined ? {} : { where }),
    ...(hint === undefined ? {} : { hint }),
  };
  return new CrosshatchError(data, { cause: error });
}
