import type { HostView } from '../host-view.ts';
import type { HostRule } from '../rule.ts';
import { isRuntime } from './processes.ts';

/** What is connected or listens. Addresses of peers do not leave the host (see probe.sh), so no rule asks for one. */
export const socketRules: readonly HostRule[] = [
  {
    id: 'shell-on-network',
    part: 'open-files',
    severity: 'suspicious',
    reason: 'A shell itself holds a network connection or listens',
    find: (host) => sockets(host, (s) => /^-?(?:sh|bash|dash|zsh|ash|ksh)$/.test(s.command)),
  },
  {
    id: 'netcat-listens',
    part: 'open-files',
    severity: 'suspicious',
    reason: 'A netcat listens on the network',
    find: (host) => sockets(host, (s) => s.kind === 'listen' && /^(?:nc|ncat|netcat|nc\.\w+)$/.test(s.command)),
  },
  {
    id: 'library-in-open-folder',
    part: 'open-files',
    severity: 'suspicious',
    reason: 'A process has loaded a library from a folder where anybody may write',
    find: (host) =>
      host
        .rows('open-files', 'library')
        .filter((row) => !isRuntime(host, host.processes.get(row.split(' ', 1)[0] ?? ''))),
  },
  {
    id: 'program-deleted-by-lsof',
    part: 'open-files',
    severity: 'suspicious',
    reason: 'lsof shows a running program whose file was deleted and of which /proc says nothing',
    find: (host) => host.rows('open-files', 'gone').filter((row) => unseen(host, row)),
  },
  {
    id: 'mail-port-connection',
    part: 'open-files',
    severity: 'notice',
    reason: 'A process other than a mail server is connected to a mail port of another machine',
    find: (host) =>
      sockets(
        host,
        (s) =>
          s.kind === 'conn' &&
          /^\[public\]:(?:25|465|587)$/.test(s.peer) &&
          !/^(?:exim\d?|smtp|postfix|master|sendmail|msmtp|nullmailer|opensmtpd|smtpd|dma|node)/.test(s.command),
      ),
  },
];

type Socket = { readonly kind: 'listen' | 'conn'; readonly command: string; readonly peer: string };

function sockets(host: HostView, fires: (socket: Socket) => boolean): readonly string[] {
  return (['listen', 'conn'] as const).flatMap((kind) =>
    host
      .rows('open-files', kind)
      .filter((row) => {
        const [pid = '', , command = '', , , peer = ''] = row.split(' ');
        return !host.own.has(pid) && fires({ kind, command, peer });
      })
      .map((row) => `${kind} ${row}`),
  );
}

/** The processes' own rules see a program through /proc; this is for the ones that /proc does not tell. */
function unseen(host: HostView, row: string): boolean {
  const process = host.processes.get(row.split(' ', 1)[0] ?? '');
  return process !== undefined && process.exe === null && !/\/memfd:(?:runc_cloned|crun_cloned|lxc)/.test(row);
}
