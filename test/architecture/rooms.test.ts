import { describe, expect, test } from 'vitest';
import { checkoutFiles, importsIn, resolveImport, textOf } from './source.ts';

/** For each room the rooms it may import from, itself aside. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  partitioning: [],
  catalogs: ['partitioning'],
  pictures: ['partitioning', 'catalogs'],
  engine: ['partitioning', 'catalogs', 'pictures'],
  workers: ['partitioning', 'catalogs', 'pictures', 'engine'],
  'index.ts': ['partitioning', 'catalogs', 'pictures', 'engine', 'workers'],
  cli: ['partitioning', 'catalogs', 'pictures', 'engine', 'workers', 'index.ts'],
  examples: ['index.ts'],
  // It measures the command line and the examples.
  bench: [
    'partitioning',
    'catalogs',
    'pictures',
    'engine',
    'workers',
    'index.ts',
    'cli',
    'examples',
  ],
};

/** Packages that are the business of one room. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  // What these cost alone is measured without the engine around them.
  piscina: ['workers'],
  '@duckdb/node-api': ['workers', 'bench'],
  'node:worker_threads': ['workers', 'bench'],
  commander: ['cli'],
  'd3-array': ['pictures'],
  'd3-geo': ['pictures'],
  'd3-scale-chromatic': ['pictures'],
  fontkitten: ['pictures'],
};

interface Edge {
  readonly from: string;
  readonly to: string;
}

const sources = checkoutFiles.filter((file) => file.endsWith('.ts'));
const imports: readonly Edge[] = sources.flatMap((from) =>
  importsIn(textOf(from)).map((to) => ({ from, to })),
);
const edges: readonly Edge[] = imports
  .filter(({ to }) => to.startsWith('.'))
  .map(({ from, to }) => ({ from, to: resolveImport(from, to) }));

function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function edgeText({ from, to }: Edge): string {
  return `${from} imports ${to}`;
}

/** Files in a circle of imports, the first one repeated at the end; empty when there is none. */
function findCycle(graph: readonly Edge[]): string[] {
  const targets = Map.groupBy(graph, (edge) => edge.from);
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): string[] => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return [];
    trail.push(file);
    for (const { to } of targets.get(file) ?? []) {
      const cycle = visit(to);
      if (cycle.length > 0) return cycle;
    }
    trail.pop();
    done.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const cycle = visit(file);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe('rooms', () => {
  test('every room of the product is there and was scanned', () => {
    const rooms = new Set(edges.map(({ from }) => roomOf(from)));
    const product = Object.keys(mayImport).filter((room) => room !== 'examples');
    expect(product.filter((room) => !rooms.has(room))).toEqual([]);
  });

  test('import only rooms to their left, types included', () => {
    const wrong = edges.filter(({ from, to }) => {
      const allowed = mayImport[roomOf(from)];
      return allowed !== undefined && ![roomOf(from), ...allowed].includes(roomOf(to));
    });
    expect(wrong.map(edgeText)).toEqual([]);
  });

  test('no file imports itself through others', () => {
    expect(findCycle(edges)).toEqual([]);
  });

  test('threads, the database and the command line each stay in their room', () => {
    const wrong = imports.filter(({ from, to }) => {
      const rooms = packageRooms[to];
      return rooms !== undefined && ![...rooms, 'test'].includes(roomOf(from));
    });
    expect(wrong.map(edgeText)).toEqual([]);
  });

  test('the sky knows no files: partitioning imports nothing from outside', () => {
    const outside = imports.filter(
      ({ from, to }) => roomOf(from) === 'partitioning' && !to.startsWith('.'),
    );
    expect(outside.map(edgeText)).toEqual([]);
  });
});

describe('the scanner behind these tests', () => {
  test('sees every form of import, types included', () => {
    const source = [
      "import a from './a.ts';",
      "import type { B } from './b.ts';",
      "import c, {\n  type C,\n  d,\n} from './c.ts';",
      "import './e.ts';",
      "import * as f from './f.ts';",
      "export * from './g.ts';",
      "export { h, type H } from './h.ts';",
      "const i = await import('./i.ts');",
      "let j: import('./j.ts').J;",
      "new Worker(new URL('./k.ts', import.meta.url));",
      "import l from './l.json' with { type: 'json' };",
    ].join('\n');
    const names = [...'abcefghijk'].map((name) => `./${name}.ts`);
    expect(importsIn(source).sort()).toEqual([...names, './l.json']);
  });

  test('takes no comment or ordinary code for an import', () => {
    const source = [
      "// import a from './a.ts';",
      " * import { b } from './b.ts';",
      "export const c = 'from ./c.ts';",
      "const d = Array.from('./d.ts');",
    ].join('\n');
    expect(importsIn(source)).toEqual([]);
  });

  test('resolves relative to the importing file', () => {
    expect(resolveImport('engine/plan/node.ts', '../../catalogs/types.ts')).toBe(
      'catalogs/types.ts',
    );
  });

  test('finds a circle and names its files', () => {
    const edge = (from: string, to: string): Edge => ({ from, to });
    const chain = [edge('a', 'b'), edge('b', 'c'), edge('a', 'c')];
    expect(findCycle(chain)).toEqual([]);
    expect(findCycle([...chain, edge('c', 'b')])).toEqual(['b', 'c', 'b']);
    expect(findCycle([edge('a', 'a')])).toEqual(['a', 'a']);
  });
});
