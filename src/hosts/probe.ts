import type { ProbeOutput } from '../core/hosts/check.ts';

/** Where and how a node is reached for its check; all of it from the configuration, nothing from any mail. */
export type ProbeTarget =
  | {
      readonly node: string;
      readonly transport: 'ssh';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly keyFile: string;
      /** Pinned host keys: "ssh-ed25519 AAAA…" lines or "SHA256:…" fingerprints; at least one. */
      readonly hostKeys: readonly string[];
      /** A known_hosts file that pins and revokes keys beside `hostKeys`. */
      readonly knownHostsFile?: string | null;
    }
  | { readonly node: string; readonly transport: 'local' };

export type ProbeLimits = { readonly deadlineMs: number; readonly maxBytes: number; readonly connectTimeoutMs: number };

/** The probe port: runs the fixed script on the target and brings back its output. Never throws; always ends by the deadline. */
export type Probe = (target: ProbeTarget, limits: ProbeLimits, signal: AbortSignal) => Promise<ProbeOutput>;
