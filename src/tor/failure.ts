/** Why a document could not be fetched. */
export type FailureReason =
  | 'name-not-found'
  | 'refused'
  | 'unreachable'
  | 'proxy'
  | 'tls'
  | 'timed-out'
  | 'cut-off'
  | 'too-large'
  | 'undecodable'
  | 'redirect'
  | 'status'
  | 'no-http'
  | 'stopped';

export type FetchFailed = {
  readonly kind: 'failed';
  readonly reason: FailureReason;
  /** For a person: nothing of what the server sent but numbers. */
  readonly detail: string;
  /** The server asked to be left alone for so long. */
  readonly retryAfterMs: number | null;
};

export function failed(reason: FailureReason, detail: string, retryAfterMs: number | null = null): FetchFailed {
  return { kind: 'failed', reason, detail, retryAfterMs };
}

const byCode: Readonly<Record<string, readonly [FailureReason, string]>> = {
  ENOTFOUND: ['name-not-found', 'its name cannot be resolved'],
  EAI_AGAIN: ['name-not-found', 'its name cannot be resolved at the moment'],
  EAI_FAIL: ['name-not-found', 'its name cannot be resolved'],
  EAI_NODATA: ['name-not-found', 'its name has no address'],
  EINNER: ['redirect', 'it redirects to a name of an inner network'],
  ECONNREFUSED: ['refused', 'the connection was refused'],
  ETIMEDOUT: ['unreachable', 'nobody answers there'],
  EHOSTUNREACH: ['unreachable', 'there is no way to it'],
  ENETUNREACH: ['unreachable', 'there is no way to its network'],
  EADDRNOTAVAIL: ['unreachable', 'there is no way to it'],
  ECONNRESET: ['cut-off', 'the connection was cut'],
  EPIPE: ['cut-off', 'the connection was cut'],
  ERR_STREAM_PREMATURE_CLOSE: ['cut-off', 'the connection was cut in the middle'],
  EPROTO: ['tls', 'it does not speak TLS'],
};

/** What node:net, node:tls, node:dns, node:http and node:zlib report, by code. */
export function failureOf(error: unknown): FetchFailed {
  const code = codeOf(error);
  const known = byCode[code];
  if (known !== undefined) return failed(...known);
  if (/^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_|INVALID_CA|PATH_LENGTH)/.test(code))
    return failed('tls', `its certificate or TLS does not hold (${code})`);
  if (code.startsWith('Z_')) return failed('undecodable', `its compression is broken (${code})`);
  if (code.startsWith('HPE_')) return failed('no-http', `it does not speak HTTP (${code})`);
  return failed('unreachable', `the connection failed (${code})`);
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'unknown';
  return String(error.code);
}
