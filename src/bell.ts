/** Wakes every loop that waits. A ring between a loop's look at its rows and its wait is not lost: it changes the ticket. */
export type Bell = {
  readonly ring: () => void;
  readonly ticket: () => number;
  /** Resolves at the next ring after `ticket`, after `timeoutMs`, or when the signal aborts. */
  readonly wait: (ticket: number, timeoutMs: number, signal: AbortSignal) => Promise<void>;
};

export function createBell(): Bell {
  let rings = 0;
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      rings += 1;
      for (const wake of new Set(waiting)) wake();
    },
    ticket: () => rings,
    wait: (ticket, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (rings !== ticket || signal.aborted) return resolve();
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        // A timer longer than 2^31 ms would fire at once.
        const timer = setTimeout(wake, Math.max(0, Math.min(timeoutMs, 2_147_483_647)));
        waiting.add(wake);
        signal.addEventListener('abort', wake);
      }),
  };
}
