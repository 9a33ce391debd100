/** Numbers as pictures show them. */

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const MINUS = '−';

/** The fewest digits that tell numbers this far apart from one another. */
export function digitsFor(step: number): number {
  if (!(step > 0)) return 0;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  // A step of 0.25 needs one digit more than one of 0.2.
  return isWhole(step * 10 ** digits) ? digits : digits + 1;
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6 * Math.max(1, Math.abs(value));
}

/** With a fixed number of digits and the true minus sign. */
export function fixedText(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const isZero = Number(text) === 0;
  return text.startsWith('-') ? (isZero ? text.slice(1) : MINUS + text.slice(1)) : text;
}

/** `10³`, `3×10⁻⁷` */
export function powerText(value: number, digits = 0): string {
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const mantissa = value / 10 ** exponent;
  const power = `10${exponent < 0 ? '⁻' : ''}${superscript(Math.abs(exponent))}`;
  const factor = fixedText(mantissa, digits);
  return factor === '1' ? power : `${factor}×${power}`;
}

function superscript(value: number): string {
  return Array.from(String(value), (digit) => SUPERSCRIPTS[Number(digit)]).join('');
}

/** Steps are told apart in this many digits, or a power of ten would hide what differs. */
const POWER_DIGITS = 1e-3;

/** Texts for values of an axis with even steps, all written alike. */
export function tickTexts(values: readonly number[], step: number): string[] {
  const largest = Math.max(...values.map(Math.abs), 0);
  if ((largest >= 1e6 && step >= POWER_DIGITS * largest) || (largest > 0 && largest < 1e-4)) {
    const exponent = Math.floor(Math.log10(largest));
    const digits = digitsFor(step / 10 ** exponent);
    return values.map((value) => (value === 0 ? '0' : scaledText(value, exponent, digits)));
  }
  const digits = digitsFor(step);
  return values.map((value) => fixedText(value, digits));
}

/** With a given exponent, so that the numbers of an axis have the same one. */
function scaledText(value: number, exponent: number, digits: number): string {
  const factor = fixedText(value / 10 ** exponent, digits);
  return `${factor}×10${exponent < 0 ? '⁻' : ''}${superscript(Math.abs(exponent))}`;
}

/** One number on its own, in at most `significant` digits. */
export function valueText(value: number, significant = 4): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return fixedText(value, 0);
  if (size >= 1e6 || size < 1e-3) {
    const digits = String(
      Number((value / 10 ** Math.floor(Math.log10(size))).toPrecision(significant - 1)),
    );
    return powerText(value, digits.includes('.') ? digits.split('.')[1]!.length : 0);
  }
  const rounded = String(Number(value.toPrecision(significant)));
  return fixedText(Number(rounded), rounded.split('.')[1]?.length ?? 0);
}
