/**
 * Celestial frames, by the letters that HEALPix maps use: C equatorial (J2000), G galactic, E ecliptic (J2000).
 */

export type Frame = 'C' | 'G' | 'E';

export const FRAMES: readonly Frame[] = ['C', 'G', 'E'];

/** A rotation as nine numbers, row after row. */
export type Matrix = readonly number[];

/**
 * Equatorial (FK5 J2000) to galactic: north galactic pole at ra 192.8594812065348°, dec 27.12825118085622°,
 * north celestial pole at l 122.9319185680026° (Reid & Brunthaler 2004, ApJ 616, 872, appendix A.1). The product
 * of the three rotations as astropy 8.0 rounds it, which is what healpy 1.20 turns maps with.
 */
const EQUATORIAL_TO_GALACTIC: Matrix = [
  ...[-0.05487553939571453, -0.8734371047274332, -0.48383499177032235],
  ...[0.49410945362336356, -0.4448295942988166, 0.74698224870205],
  ...[-0.8676661356858695, -0.19807638961094987, 0.45598379451756915],
];

/**
 * Equatorial (FK5 J2000) to the mean ecliptic of J2000: the precession and obliquity of IAU 2006 (Capitaine
 * et al. 2003, A&A 412, 567) and the bias between FK5 and ICRS, as astropy 8.0 and healpy 1.20 have them.
 */
const EQUATORIAL_TO_ECLIPTIC: Matrix = [
  ...[0.9999999999999925, 4.0238655393252714e-8, 1.2468018087495806e-7],
  ...[-8.6513146001637423e-8, 0.917482168291651, 0.3977769109272729],
  ...[-9.8385834649956688e-8, -0.3977769109272802, 0.9174821682916463],
];

const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];

const FROM_EQUATORIAL: Readonly<Record<Frame, Matrix>> = {
  C: IDENTITY,
  G: EQUATORIAL_TO_GALACTIC,
  E: EQUATORIAL_TO_ECLIPTIC,
};

/** What the two angles of a frame are called, and the frame itself. */
export const FRAME_NAMES: Readonly<
  Record<Frame, { readonly name: string; readonly longitude: string; readonly latitude: string }>
> = {
  C: { name: 'Equatorial', longitude: 'Right ascension', latitude: 'Declination' },
  G: { name: 'Galactic', longitude: 'Galactic longitude', latitude: 'Galactic latitude' },
  E: { name: 'Ecliptic', longitude: 'Ecliptic longitude', latitude: 'Ecliptic latitude' },
};

/** Turns unit vectors of one frame into those of another. */
export function frameRotation(from: Frame, to: Frame): Matrix {
  if (from === to) return IDENTITY;
  return product(FROM_EQUATORIAL[to], transposed(FROM_EQUATORIAL[from]));
}

/** Turns the position (longitude, latitude), in degrees, to the x axis, with its north towards z. */
export function centreRotation(longitude: number, latitude: number): Matrix {
  const [l, b] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  const [cosL, sinL, cosB, sinB] = [Math.cos(l), Math.sin(l), Math.cos(b), Math.sin(b)];
  return [
    ...[cosB * cosL, cosB * sinL, sinB],
    ...[-sinL, cosL, 0],
    ...[-sinB * cosL, -sinB * sinL, cosB],
  ];
}

export function product(a: Matrix, b: Matrix): Matrix {
  const entry = (row: number, column: number) =>
    a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!;
  return Array.from({ length: 9 }, (_, i) => entry(Math.floor(i / 3), i % 3));
}

/** The inverse of a rotation. */
export function transposed(a: Matrix): Matrix {
  return [a[0]!, a[3]!, a[6]!, a[1]!, a[4]!, a[7]!, a[2]!, a[5]!, a[8]!];
}
