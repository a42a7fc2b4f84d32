/** How a text is built: running prose, or lines of fields and logs. */
export type TextShape = {
  readonly words: number;
  /** Lines such as "Source IP: …", "src=… dst=…". */
  readonly fieldLines: number;
  /** Lines that begin with a time or read like a log. */
  readonly logLines: number;
  readonly proseLines: number;
};

/** What there is to read: how many words of the sender's own, and whether fields, logs or tables stand beside them. */
export type OwnShare = { readonly ownWords: number; readonly hasReport: boolean };

const field = /^[\s*•>|-]{0,8}[\p{L}][\p{L}\p{N} _./()'’-]{1,40}?\s{0,12}(?:[:：=]|\.{3,})\s*\S/u;
const keyValue = /^\s*[a-z_]{2,30}=\S/i;
const log =
  /^\s*(?:\[?\d{4}-\d\d-\d\d[T ]|\[?\d\d[:/]\d\d[:/]\d\d|[A-Z][a-z]{2}\s{1,2}\d{1,2} \d\d:\d\d:\d\d|\d{1,3}(?:\.\d{1,3}){3}\s|<\d+>|\{|"|<\/?\w)/;

/** Scripts that set no spaces: about two characters make a word. */
const unspaced = /[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]/g;

const linesLookedAt = 400;

/** Counts no further than 400 words: only few or many is asked. */
export function ownShare(own: string, report: string): OwnShare {
  return { ownWords: own.trim() === '' ? 0 : own.trim().split(/\s+/, 400).length, hasReport: report.trim() !== '' };
}

export function textShape(text: string): TextShape {
  const shape = { words: 0, fieldLines: 0, logLines: 0, proseLines: 0 };
  for (const line of text.split('\n', linesLookedAt)) {
    const words = line.trim() === '' ? 0 : line.trim().split(/\s+/, 60).length;
    shape.words += words + Math.floor((line.slice(0, 400).match(unspaced)?.length ?? 0) / 2);
    const start = line.slice(0, 120);
    if (log.test(start)) shape.logLines++;
    else if (keyValue.test(start) || (words <= 12 && field.test(start))) shape.fieldLines++;
    else if (words >= 5 || /[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{8}/.test(start)) shape.proseLines++;
  }
  return shape;
}
