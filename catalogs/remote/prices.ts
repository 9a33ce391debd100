/** What reading from S3 costs who pays for it. */

export interface Prices {
  /** US dollars for a thousand requests. */
  readonly perThousandRequests: number;
  /** US dollars for a gigabyte (1e9 bytes) that goes to the bucket's own region, another one, or out of the cloud. */
  readonly sameRegion: number;
  readonly otherRegion: number;
  readonly outOfCloud: number;
}

/**
 * What Amazon asks for S3 Standard in us-east-1 (https://aws.amazon.com/s3/pricing/), as known in {@link PRICES_DATE} and
 * not held against that page since: good for telling a dear run from a cheap one, not for an invoice.
 */
export const DEFAULT_PRICES: Prices = {
  perThousandRequests: 0.0004,
  sameRegion: 0,
  otherRegion: 0.02,
  outOfCloud: 0.09,
};

export const PRICES_DATE = '2025';
