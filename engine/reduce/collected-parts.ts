/** The parts of all cells, while they wait for each other. */
import { dataError } from '../../partitioning/error.ts';
import type { GroupPart } from '../groups.ts';
import { partBytes } from './merge-groups.ts';

/** Collects parts, and refuses more than fit. */
export class CollectedParts {
  readonly parts: GroupPart[] = [];
  readonly #most: number;
  #bytes = 0;
  #groups = 0;

  /** @param most bytes that all parts may take */
  constructor(most: number) {
    this.#most = most;
  }

  add(parts: readonly GroupPart[]): void {
    for (const part of parts) {
      this.parts.push(part);
      this.#bytes += partBytes(part);
      this.#groups += part.rows.length;
    }
    if (this.#bytes <= this.#most) return;
    throw dataError(
      `the results of ${this.#groups.toLocaleString('en-US')} groups take more than ${Math.round(this.#most / 1e6)} MB`,
      undefined,
      'Take a lower order, a part of the sky or fewer groups, or raise --memory (memoryBytes).',
    );
  }
}
