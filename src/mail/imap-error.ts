import { DeskError, type ErrorCode } from '../errors.ts';

/** Connection-phase codes of imapflow and of Node's sockets, DNS and TLS. */
const UNREACHABLE = new Set([
  'CONNECT_TIMEOUT',
  'GREETING_TIMEOUT',
  'UPGRADE_TIMEOUT',
  'ClosedAfterConnectText',
  'ClosedAfterConnectTLS',
  'EPROXY',
  'ProxyError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ETIMEOUT',
]);

/** RFC 5530 codes by which a server refuses a login for reasons that pass by themselves. */
const PASSING = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG']);

type ImapFailure = {
  readonly code?: string;
  readonly message?: string;
  readonly authenticationFailed?: boolean;
  readonly tlsFailed?: boolean;
  readonly mailboxMissing?: boolean;
  readonly serverResponseCode?: string;
  readonly throttleReset?: number;
};

/** Translates what imapflow throws, by code and never by message text. Reads the library's message only to show it. */
export function imapError(error: unknown, host: string): DeskError {
  if (error instanceof DeskError) return error;
  const failure = (error ?? {}) as ImapFailure;
  const [code, advice] = meaning(failure);
  const detail = [failure.code, failure.serverResponseCode, failure.message].filter(Boolean).join(' ');
  return new DeskError(code, `mailbox at ${host}: ${advice} (${detail})`, { cause: error });
}

function meaning(failure: ImapFailure): readonly [ErrorCode, string] {
  if (failure.authenticationFailed === true) {
    return PASSING.has(failure.serverResponseCode ?? '')
      ? ['mailbox-unreachable', 'the server cannot log anybody in just now']
      : ['mailbox-auth', 'the server refuses the login: check user, password or token'];
  }
  if (
    failure.tlsFailed === true ||
    /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(failure.code ?? '')
  ) {
    return ['mailbox-unreachable', 'no trusted TLS connection: check security, servername and certificate authority'];
  }
  if (failure.mailboxMissing === true || failure.code === 'NotFound' || failure.serverResponseCode === 'NONEXISTENT') {
    return ['mailbox-folder', 'a folder does not exist: check its name and the account’s rights'];
  }
  if (failure.code === 'ETHROTTLE') {
    return ['mailbox-failed', `the server asks for a pause of ${Math.ceil((failure.throttleReset ?? 0) / 1000)} s`];
  }
  if (UNREACHABLE.has(failure.code ?? ''))
    return ['mailbox-unreachable', 'no connection: check host, port and network'];
  return ['mailbox-failed', 'the session failed'];
}
