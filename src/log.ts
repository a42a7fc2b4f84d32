import pino from 'pino';

/**
 * The event names of the log: a closed list, so that they can be grouped and alerted on. The data goes into the object;
 * never a mail body, a complainant's address or a credential. The journal in SQLite is the record.
 */
export type LogEvent =
  | 'started'
  | 'config-warning'
  | 'stopping'
  | 'stopped'
  | 'mail-filed'
  | 'mail-read'
  | 'case-event'
  | 'host-checked'
  | 'letter-sent'
  | 'letter-settled'
  | 'row-parked'
  | 'digest-sent'
  | 'mailbox-failed'
  | 'mailbox-back'
  | 'imap-warning'
  | 'smtp-failed'
  | 'alert-undelivered'
  | 'alert-command'
  | 'public-data'
  | 'cron-missed'
  | 'recovered'
  | 'loop-failed'
  | 'crashed';

export type Log = {
  readonly info: (event: LogEvent, data?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (event: LogEvent, data?: Readonly<Record<string, unknown>>) => void;
  readonly error: (event: LogEvent, data?: Readonly<Record<string, unknown>>) => void;
  readonly fatal: (event: LogEvent, data?: Readonly<Record<string, unknown>>) => void;
};

/** JSON lines on standard error, written synchronously: a crash loses none. `level` is a pino level. */
export function createLog(level: string): Log {
  const destination = pino.destination({ fd: 2, sync: true });
  // A full disk must not throw between an effect and its commit: a lost log line is the lesser evil.
  destination.on('error', () => undefined);
  const serializers = { error: pino.stdSerializers.err };
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers }, destination);
  const at =
    (severity: 'info' | 'warn' | 'error' | 'fatal') =>
    (event: LogEvent, data: Readonly<Record<string, unknown>> = {}): void => {
      logger[severity]({ ...data }, event);
    };
  return { info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
}
