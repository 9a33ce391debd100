/** What can go wrong with one request, whether trying again can help, and how it is told. */
import { CrosshatchError, type ErrorTag } from '../../partitioning/error.ts';

/**
 * - `missing`: there is no such object (404, 410)
 * - `denied`: not allowed to (401, 403)
 * - `expired`: the credentials ran out
 * - `throttled`: too many requests (429, 503 SlowDown)
 * - `server`: the server failed (other 5xx)
 * - `network`: no connection, or it broke: refused, reset, no such host
 * - `short`: fewer or other bytes than announced
 * - `stalled`: nothing came for too long
 * - `changed`: the object is not the version that was asked for
 * - `range`: the object does not reach as far as the range
 * - `unsupported`: the server cannot do what is needed, such as ranges (501)
 * - `refused`: any other answer that will not change
 */
export type ProblemKind =
  | 'missing'
  | 'denied'
  | 'expired'
  | 'throttled'
  | 'server'
  | 'network'
  | 'short'
  | 'stalled'
  | 'changed'
  | 'range'
  | 'unsupported'
  | 'refused';

const RETRIED: ReadonlySet<ProblemKind> = new Set([
  'expired',
  'throttled',
  'server',
  'network',
  'short',
  'stalled',
]);

/** A failed request; {@link problemError} makes of it what a user reads. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  /** Before that time trying again is not welcome. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ProblemKind,
    message: string,
    options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'Problem';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return RETRIED.has(this.kind);
  }
}

/** Whether an error is a failure of the place, not of the request, after tries that were of no use. */
export function isPassingFailure(error: unknown): boolean {
  const cause = error instanceof CrosshatchError ? error.cause : undefined;
  return cause instanceof Problem && cause.isPassing;
}

/** The problem that a status code means; `code` is the server's own word for it, where it has one. */
export function statusProblem(
  status: number,
  code: string | undefined,
  retryAfter?: string,
): Problem {
  const text = code === undefined ? `status ${status}` : `status ${status}, ${code}`;
  const seconds = Number(retryAfter);
  const retryAfterMs = retryAfter !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
  return new Problem(kindOf(status, code), text, { retryAfterMs });
}

function kindOf(status: number, code = ''): ProblemKind {
  if (/^(ExpiredToken|TokenRefreshRequired|RequestExpired)/.test(code)) return 'expired';
  if (/^(SlowDown|TooManyRequests|Throttl|RequestLimitExceeded)/.test(code)) return 'throttled';
  if (/^RequestTimeout/.test(code)) return 'stalled';
  if (status === 404 || status === 410) return 'missing';
  if (status === 401 || status === 403) return 'denied';
  if (status === 412) return 'changed';
  if (status === 416) return 'range';
  if (status === 501) return 'unsupported';
  if (status === 429 || status === 503) return 'throttled';
  if (status === 408) return 'stalled';
  if (status >= 500) return 'server';
  return 'refused';
}

/** Errors of sockets and name look-ups, by their code. */
const NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
};

/** Any thrown value as a problem; errors that nobody foresaw pass through, as they are defects. */
export function networkProblem(error: unknown): unknown {
  if (error instanceof Problem) return error;
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; depth++) {
    const { code } = at as NodeJS.ErrnoException;
    const text = code === undefined ? undefined : NETWORK[code];
    if (text !== undefined) return new Problem('network', `${text} (${code})`, { cause: error });
    if (/^(UND_ERR|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(code ?? '')) {
      return new Problem('network', `${at.message} (${code})`, { cause: error });
    }
    if (/aborted|terminated|socket hang up|other side closed/i.test(at.message)) {
      return new Problem('network', `the connection was closed (${at.message})`, { cause: error });
    }
    // So the SDK says it of whole bodies.
    if (/^Checksum mismatch/.test(at.message)) {
      return new Problem('short', at.message, { cause: error });
    }
    at = at.cause;
  }
  return error;
}

const HINTS: Readonly<Record<ProblemKind, string>> = {
  missing: 'Check the path; a catalog that lists a partition without its file is incomplete.',
  denied:
    'It is private, the credentials are wrong or of another region, or there is no such key. ' +
    'For open data try --anonymous; otherwise set AWS_PROFILE or the AWS_… variables.',
  expired: 'The credentials ran out: renew them and run again.',
  throttled: 'The server is asked too much: run again later, or with fewer --workers.',
  server: 'The server has a problem of its own: run again later.',
  network: 'Check the network and the name of the host, then run again.',
  short: 'The connection is unreliable, or something on the way changes data: run again.',
  stalled: 'The server or the network does not answer: run again later.',
  changed: 'It was replaced while it was being read: open the catalog again.',
  range: 'It is shorter than it was said to be: open the catalog again.',
  unsupported: 'Copy the data to a local disk, or use another server.',
  refused: 'The server does not take this request.',
};

/** What a user reads: the URL, the range and the number of tries are in it. */
export function problemError(
  problem: Problem,
  path: string,
  details: { readonly range?: string; readonly tries?: number; readonly verb?: string } = {},
): CrosshatchError {
  const { range, tries = 1, verb = 'read' } = details;
  const tag: ErrorTag = problem.kind === 'changed' ? 'data' : 'storage';
  const part = range === undefined ? '' : `, ${range}`;
  const times = tries > 1 ? ` after ${tries} tries` : '';
  const what =
    problem.kind === 'changed'
      ? `the object changed while it was in use${part}: ${problem.message}`
      : problem.kind === 'missing'
        ? `there is no such object${part}: ${problem.message}`
        : `could not be ${verb}${times}${part}: ${problem.message}`;
  return new CrosshatchError(
    { tag, what, where: path, hint: HINTS[problem.kind] },
    { cause: problem },
  );
}
