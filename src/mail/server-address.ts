import type { ConnectionOptions } from 'node:tls';
import { DeskError } from '../errors.ts';

/** How a mail server is reached. plain sends everything, passwords too, in clear text. */
export type Security = 'tls' | 'starttls' | 'plain';

export type TlsTrust = {
  /** PEM text of certificate authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** The name that the certificate must carry where it is not `host`. */
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
};

export type ServerAddress = {
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  /** plain is for loopback only, unless this says otherwise. */
  readonly allowPlain?: boolean | undefined;
  readonly tls?: TlsTrust | undefined;
};

/** A password, or a function that fetches a fresh OAuth2 access token for every connection. */
export type Login = {
  readonly user: string;
  readonly password?: string | undefined;
  readonly accessToken?: (() => Promise<string>) | undefined;
};

/** Throws DeskError config-invalid where clear text would leave this machine. */
export function requireSafeTransport(server: ServerAddress): void {
  if (server.security !== 'plain' || server.allowPlain === true || isLoopback(server.host)) return;
  throw new DeskError(
    'config-invalid',
    `${server.host} would be spoken to in clear text: use security tls or starttls (or allow plain explicitly)`,
  );
}

/** Whether the host names this machine itself (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** Options for node:tls, without the keys that were not given. */
export function tlsOptions(trust: TlsTrust | undefined): ConnectionOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(trust?.ca === undefined ? {} : { ca: trust.ca }),
    ...(trust?.servername === undefined ? {} : { servername: trust.servername }),
    ...(trust?.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: trust.rejectUnauthorized }),
  };
}
