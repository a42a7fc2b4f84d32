/** Where a command writes: people read a table, programs one JSON object a line. Logs go to standard error. */
export type Output = { readonly write: (line: string) => void };

export const standardOutput: Output = {
  write: (line) => {
    process.stdout.write(`${line}\n`);
  },
};

/** An instant (ms UTC) as programs read it. */
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** What a command ends with (interfaces.md): 0 fine, 1 a bug, 2 usage, 3 found something wrong, 75 try later, 78 configuration. */
export type ExitCode = 0 | 1 | 2 | 3 | 75 | 78;
