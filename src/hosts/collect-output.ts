/** Gathers a host's output up to a cap; what comes behind it is dropped and said, never kept. */
export type Collector = {
  readonly add: (chunk: Buffer) => void;
  readonly isFull: () => boolean;
  /** Bytes that are no UTF-8 become U+FFFD. */
  readonly text: () => string;
};

/** A collector for at most `maxBytes`; `onFull` is called once, when more than that came. */
export function collectOutput(maxBytes: number, onFull: () => void): Collector {
  const chunks: Buffer[] = [];
  let size = 0;
  let full = false;
  return {
    add(chunk) {
      if (full) return;
      size += chunk.length;
      if (size > maxBytes) {
        full = true;
        chunks.length = 0;
        onFull();
        return;
      }
      chunks.push(chunk);
    },
    isFull: () => full,
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
