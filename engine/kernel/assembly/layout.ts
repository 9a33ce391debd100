/** Where the compiled loops find what has a fixed size; ../arena.ts has the same addresses. */

// Fixed addresses: the positions of a block of 2,048 rows, degrees; 8,192 candidates of theirs; some of one row, two by two
// and one more, and the nearest of these; units of the right rows.
export const BLOCK_RA: usize = 1024;
export const BLOCK_DEC: usize = BLOCK_RA + 2048 * 8;
export const CHORDS: usize = BLOCK_DEC + 2048 * 8;
export const LEFT: usize = CHORDS + 8192 * 8;
export const RIGHT: usize = LEFT + 8192 * 4;
export const DOUBTFUL: usize = RIGHT + 8192 * 4;
export const COUNTS: usize = DOUBTFUL + 8192 * 2;
export const SOME_CHORDS: usize = COUNTS + 2048 * 4;
export const SOME_ROWS: usize = SOME_CHORDS + 66 * 8;
export const NEAREST_CHORDS: usize = SOME_ROWS + 66 * 4;
export const NEAREST_ROWS: usize = NEAREST_CHORDS + 64 * 8;
export const UNITS: usize = NEAREST_ROWS + 64 * 4;
