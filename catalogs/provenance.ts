/** What an output was made from, as properties of its own: readers keep keys that they do not know. */
import { isRemote } from './path.ts';
import { VERSION } from './version.ts';

export interface Provenance {
  /** Paths or URLs of the inputs, left before right. */
  readonly inputs: readonly string[];
  /** Version of the program; its own by default. */
  readonly version?: string;
  readonly radiusArcsec?: number;
  /** Conditions and computed columns in the order they apply, as the user wrote them. */
  readonly expressions?: readonly string[];
  /** Further facts of the plan: `neighbors`, `how`, … */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Keys `crosshatch_…` for `extraProperties` of a catalog; not for a collection, where hats before 0.11
 * refuses unknown keys. Lists are numbered (`crosshatch_input_1`), as no separator is safe in paths and
 * expressions.
 */
export function provenanceProperties(provenance: Provenance): Record<string, string> {
  const { inputs, expressions = [], radiusArcsec, facts = {} } = provenance;
  const entries: Record<string, string> = {
    crosshatch_version: provenance.version ?? VERSION,
  };
  inputs.forEach((input, i) => {
    entries[`crosshatch_input_${i + 1}`] = withoutSecrets(input);
  });
  if (radiusArcsec !== undefined) entries.crosshatch_radius_arcsec = String(radiusArcsec);
  expressions.forEach((expression, i) => {
    entries[`crosshatch_expression_${i + 1}`] = expression;
  });
  for (const key of Object.keys(facts).sort()) {
    entries[`crosshatch_${snakeCase(key)}`] = String(facts[key]);
  }
  return entries;
}

/** User, password, query and fragment of a URL can give access to data; an output is passed on to others. */
function withoutSecrets(location: string): string {
  if (!isRemote(location)) return location;
  return location.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
