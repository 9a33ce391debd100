/** Where the grid of the right rows is, and its shape (../grid.ts). */

export let slots: usize = 0;
export let slotRows: usize = 0;
export let zoneTable: usize = 0;
export let starts: usize = 0;
export let gridDec: i32 = 0;
export let gridRa: i32 = 0;
export let boxTall: u32 = 0;
export let boxWide: u32 = 0;
export let zoneShift: i32 = 0;
export let cellShift: i32 = 0;
export let zones: i32 = 0;
export let cellsPerZone: i32 = 0;

export let windowTall: i32 = 0;
export let seamLow: i32 = 0;
export let seamHigh: i32 = 0;
export let fineRows: i32 = 0;
export let mostInWindow: i32 = 0;
export let fine: usize = 0;
export let fineAt: usize = 0;
export let spare: usize = 0;

/** Takes the grid's place, its shape in quarter units and the first window, but for its width, from the first words. */
export function shape(): void {
  slots = load<usize>(0);
  slotRows = load<usize>(0, 4);
  starts = load<usize>(0, 8);
  zoneTable = load<usize>(0, 12);
  gridDec = load<i32>(0, 16);
  gridRa = load<i32>(0, 20);
  boxTall = load<u32>(0, 24);
  boxWide = load<u32>(0, 28);
  zoneShift = load<i32>(0, 32);
  cellShift = load<i32>(0, 36);
  zones = load<i32>(0, 40);
  cellsPerZone = load<i32>(0, 44);
  windowTall = load<i32>(0, 48);
  seamLow = load<i32>(0, 52);
  seamHigh = load<i32>(0, 56);
  fineRows = load<i32>(0, 60);
  mostInWindow = load<i32>(0, 64);
  fine = load<usize>(0, 68);
  fineAt = load<usize>(0, 72);
  spare = load<usize>(0, 76);
}
