/** Where the compiled loops find what has a fixed size; ../arena.ts has the same addresses. */

// The positions of a block of 2,048 rows, degrees; where each of them is, and the runs of slots around it; candidates, or
// entries of the answer; how many neighbours each row has; candidates of one row, and the nearest of them; how lanes are packed; units of the
// right rows. Vectors are written a little beyond some.
export const BLOCK_RA: usize = 1024;
export const BLOCK_DEC: usize = BLOCK_RA + 2048 * 8;
export const ROWS: usize = BLOCK_DEC + 2048 * 8;
export const RUNS: usize = ROWS + 2048 * 16;
export const CHORDS: usize = RUNS + 2050 * 64;
export const LEFT: usize = CHORDS + 8192 * 8;
export const RIGHT: usize = LEFT + 8192 * 4;
export const DOUBTFUL: usize = RIGHT + 8192 * 4;
export const COUNTS: usize = DOUBTFUL + 8192 * 2;
export const SOME_CHORDS: usize = COUNTS + 2048 * 4;
export const SOME_ROWS: usize = SOME_CHORDS + 66 * 8;
export const NEAREST_CHORDS: usize = SOME_ROWS + 66 * 4;
export const NEAREST_ROWS: usize = NEAREST_CHORDS + 64 * 8;
export const SQUARES: usize = NEAREST_ROWS + 64 * 4;
export const SLOTS: usize = SQUARES + 1056 * 4;
export const PLACED: usize = SLOTS + 1056 * 4;
export const PACKED: usize = PLACED + 80 * 4;
export const UNITS: usize = PACKED + 16 * 16;

/** Bytes of a row in ROWS: units of dec and ra, first zone or SEARCH, end of its runs. */
export const ROW: usize = 16;
/** Bytes of a run of slots, first and end; and the most runs that a row has, one fewer where grids of crowded cells give them. */
export const RUN: usize = 8;
export const MOST_RUNS: usize = 8;
/** Bytes of a slot: units of dec, units of ra. */
export const SLOT: usize = 8;
/** Bytes of a zone: half-width of the window; centre, error, cosine and slope of the map; radius of the window (../arena.ts). */
export const ZONE: usize = 24;
export const ZONE_CENTRE: usize = 4;
export const ZONE_ERROR: usize = 8;
export const ZONE_COSINE: usize = 12;
export const ZONE_SLOPE: usize = 16;
export const ZONE_RADIUS: usize = 20;
/** Bytes of the grid of a crowded cell, and where in them what is (../fine.ts). */
export const FINE: usize = 40;
export const FINE_RA: usize = 4;
export const FINE_ZONE_SHIFT: usize = 8;
export const FINE_CELL_SHIFT: usize = 12;
export const FINE_ZONES: usize = 16;
export const FINE_CELLS_PER_ZONE: usize = 20;
export const FINE_STARTS: usize = 24;
export const FINE_ZONE: usize = 28;
export const FINE_TALL: usize = 32;
export const FINE_HALF: usize = 36;

/** In place of a slot: no neighbour. */
export const NONE: i32 = -1;
/** In place of a slot: search this left row exhaustively. */
export const SEARCH: i32 = -2;
/** In place of a slot: units leave in doubt which of the candidates are the nearest. */
export const DOUBT: i32 = -3;
