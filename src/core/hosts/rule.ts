import type { CheckPart, Severity } from './check.ts';
import type { HostView } from './host-view.ts';

/**
 * One rule of the host check. `reason` is said to handlers as it stands, so it claims no more than the lines show.
 * `find` gives the lines that it fires on, as the host wrote them; whoever makes findings of them escapes them.
 */
export type HostRule = {
  readonly id: string;
  readonly part: CheckPart;
  readonly severity: Severity;
  readonly reason: string;
  readonly find: (host: HostView) => readonly string[];
};
