import type { App } from '../app.ts';
import { outboxInStatus } from '../store/outbox.ts';
import type { Pulse } from '../store/pulse.ts';
import { pulses } from '../store/pulse.ts';
import type { ExitCode, Output } from './output.ts';
import { table } from './table.ts';

const silentMs = 90_000;
const failingMs = 5 * 60_000;

type Part = { readonly part: string; readonly well: boolean; readonly says: string };

/** What is wrong with the running daemon, from the pulse that it leaves in the database. `now` ms UTC. */
export function healthOf(beats: readonly Pulse[], parked: number, now: number): readonly Part[] {
  const daemon = beats.find((beat) => beat.part === 'daemon');
  const silent = daemon?.okAt === null || daemon === undefined || now - daemon.okAt > silentMs;
  const since = (at: number | null): string => (at === null ? 'never' : `${Math.round((now - at) / 1000)} s ago`);
  return [
    {
      part: 'daemon',
      well: !silent,
      says: silent ? `no sign of life (last: ${since(daemon?.okAt ?? null)})` : 'alive',
    },
    ...beats
      .filter((beat) => beat.part !== 'daemon')
      .map((beat) => {
        const failing = beat.failingSince !== null && (beat.part === 'smtp' || now - beat.failingSince > failingMs);
        const says =
          beat.failingSince === null
            ? `well ${since(beat.okAt)}`
            : `failing: ${beat.detail ?? ''}, well ${since(beat.okAt)}`;
        return { part: beat.part, well: !failing, says };
      }),
    ...(parked === 0 ? [] : [{ part: 'outbox', well: true, says: `${parked} parked: a person has to look (digest)` }]),
  ];
}

/** `exitdesk health`: 0 if the running daemon is well, 3 if not. */
export function runHealth(app: App, options: { readonly json?: boolean }, out: Output): ExitCode {
  const parts = healthOf(pulses(app.db, app.mailboxes), outboxInStatus(app.db, 'parked').length, app.now());
  const well = parts.every((part) => part.well);
  if (options.json === true) out.write(JSON.stringify({ well, parts }));
  else
    out.write(
      table(
        ['PART', 'WELL', ''],
        parts.map((part) => [part.part, part.well ? 'yes' : 'NO', part.says]),
      ),
    );
  return well ? 0 : 3;
}
