/**
 * What a line of text looks like. log: a record of a machine (process, packet, request, SQL, code); stamp: it begins with
 * a time or an address or is mostly digits, as records are, but as a line of a paragraph may be too; header: a field of a mail or HTTP header; row: a row of
 * a table or CSV; pair: "key: value"; rule: a drawn line; prose: the rest.
 */
export type LineShape = 'blank' | 'rule' | 'log' | 'stamp' | 'header' | 'row' | 'pair' | 'prose';

/** The shape of one line by itself; only its first 1,000 characters are looked at. */
export function lineShape(line: string): LineShape {
  const text = (line.length > 1000 ? line.slice(0, 1000) : line).trim();
  if (text === '') return 'blank';
  if (!/[\d:：=<>{}[\]|\t/#%$]| {2}|\.{3}|[-=_*#~+]{3}/.test(text)) return 'prose';
  if (/^[-=_*#~+.|\s\u2500-\u257f]{3,}$/.test(text)) return text.includes('|') || text.includes('+') ? 'row' : 'rule';
  if (transportHeader.test(text)) return 'header';
  if (logMark.test(text)) return 'log';
  if (logStart.test(text) && !isProseByScript(text) && !isRunningText(text)) return 'stamp';
  if (isRow(line)) return 'row';
  if (isPair(text)) return 'pair';
  if (isMachineText(text)) return 'stamp';
  return 'prose';
}

const transportHeader =
  /^(?:received|return-path|delivered-to|message-id|x-[\w-]{1,60}|dkim-signature|mime-version|content-(?:type|transfer-encoding|disposition|length)|authentication-results|arc-[\w-]{4,40}|in-reply-to|references|user-agent|list-[\w-]{2,30}|received-spf|host|accept(?:-[\w-]{2,20})?|connection|referer|cookie|cache-control|x-forwarded-for|envelope-to|auto-submitted|precedence)\s?:/i;

/** A record that begins with its time, or with an address as web servers log it. */
const logStart = new RegExp(
  [
    '^[\\[<(]?\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}[T ,]{1,2}\\d{1,2}:\\d{2}',
    '^[\\[<(]?(?:[A-Z][a-z]{2},? )?[A-Z][a-z]{2} {1,2}\\d{1,2},? (?:\\d{4},? )?\\d{2}:\\d{2}:\\d{2}',
    '^[\\[<(]?\\d{1,2}[-/. ](?:[A-Z][a-z]{2}|\\d{1,2})[-/. ]\\d{2,4}[ :T,]{1,2}\\d{1,2}:\\d{2}',
    '^[\\[<(]?\\d{1,2}:\\d{2}:\\d{2}(?:[.,]\\d+)?[\\])>]?(?: |$)',
    '^\\d{10}(?:\\.\\d{1,9})?\\s',
    '^(?:\\d{1,3}\\.){3}\\d{1,3} \\S{1,60} \\S{1,60} \\[',
    '^\\d{1,5} (?:\\d{1,3}\\.){3}\\d{1,3}\\b',
    '^(?:\\d{1,3}\\.){3}\\d{1,3}(?::\\d{1,5})?(?:\\s*(?:->|=>|\\u2192|,|;|\\t)|\\s{2,})',
  ].join('|'),
);

/** Signs within a line that only machines write; letter case counts, "Head of IT" is no request. */
const logMark = new RegExp(
  [
    // processes, packets, time stamps of web servers
    '\\[\\d{2}/[A-Z][a-z]{2}/\\d{4}:\\d{2}:\\d{2}',
    '\\b[a-z][\\w./-]{1,30}\\[\\d{1,7}\\]:',
    '\\b(?:SRC|DST|src|dst|srcip|dstip)=[\\da-f"[]',
    '\\b(?:PROTO|proto|SPT|DPT)=\\w',
    '\\bFlags? \\[[A-Z.]+\\]',
    '^0x[\\da-f]{4}:',
    '^(?:TCP|UDP|ICMP)\\s.{0,200}\\d',
    '^\\s*\\d{1,2}\\s+\\S.{0,80}\\d ms\\b',
    // requests and sessions
    '\\bHTTP/[12](?:\\.\\d)?\\b',
    '\\b(?:GET|POST|HEAD|PUT|OPTIONS|CONNECT|PROPFIND) (?:/|https?:)',
    '^> (?:GET|POST|EHLO|HELO|MAIL|RCPT)\\b',
    '\\b(?:UNION|union)(?:\\s|%20|\\+|/\\*\\*/){1,5}(?:(?:ALL|all)\\s{1,5})?(?:SELECT|select)\\b',
    '\\bSELECT\\b.{0,80}\\bFROM\\b',
    '^\\$ \\S',
    // well-known programs
    '\\b(?:Failed|Accepted) (?:password|publickey|keyboard-interactive/pam) for\\b',
    '\\b[Ii]nvalid user \\S+ from\\b',
    '\\bauthentication failure\\b',
    // user name and password, as sensors list what was tried
    '^[-*\u2022]?\\s{0,2}[\\w.@$!-]{1,32} / \\S{1,40}$',
    '\\b(?:mod_security|ModSecurity)\\b',
    '\\bsid[:=]\\d',
    '^% \\S',
    // data: JSON, XML
    '^\\s*(?:[{}[\\]]{1,3},?|"[\\w-]{1,60}"\\s*:.*)$',
    '^\\s*</?[\\w:-]{1,60}(?:\\s[^<>]{0,300})?/?>.*$',
    '^\\s*<\\?xml\\b',
  ].join('|'),
);

function isRow(line: string): boolean {
  const cells = line.trim().split('\t');
  if (cells.length >= 3) return true;
  const bars = line.split('|').length - 1;
  if (bars >= 2 && line.length / bars < 120) return true;
  for (const mark of [',', ';']) {
    const parts = line.split(mark);
    // a sentence has spaces after its commas, a CSV record does not; scripts without spaces show by their letters
    if (isProseByScript(line)) break;
    if (parts.length >= 4 && parts.filter((part) => part.startsWith(' ')).length <= parts.length / 3) return true;
  }
  const columns = line.trim().split(/\s{2,20}/);
  return (
    columns.length >= 3 && columns.some((column) => /\d/.test(column)) && columns.every((column) => column.length < 60)
  );
}

/** A sentence in letters that machines hardly write (Chinese, Japanese, Arabic ...): its full stops, or mostly its letters. */
function isProseByScript(line: string): boolean {
  const letters =
    line.match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Arabic}\p{Script=Hebrew}]/gu,
    )?.length ?? 0;
  return letters > 0 && (/[。！？]/.test(line) || letters > line.length / 3);
}

const longestRecordOfWords = 10;

/** "198.51.100.7, 4 October: that is who put the video out ...": after time and address nothing but words, and many. */
function isRunningText(line: string): boolean {
  const words = line.split(/\s+/);
  const plain = words.filter((word) => /^[(“"'‘]?\p{L}[\p{L}'’-]*[“”"'’)]?[.,;:!?…]?$/u.test(word)).length;
  return plain > longestRecordOfWords && plain > words.length * 0.75;
}

/** Mostly digits, signs and codes: hex dumps, hashes, long URLs, base64, key material. */
function isMachineText(text: string): boolean {
  if (text.length < 24 || /^<?(?:https?|hxxps?|mailto):\S+$/i.test(text)) return false;
  const words = text.split(' ');
  const longest = Math.max(...words.map((word) => word.length));
  if (words.length <= 2 && longest >= 50 && /^[\x21-\x7e]+$/.test(text.replace(/ /g, ''))) return true;
  if (!/^[\x20-\x7e]+$/.test(text)) return false;
  const letters = text.replace(/[^A-Za-z ]/g, '').length;
  return letters < text.length * 0.5 && /\d/.test(text);
}

/** "Label: value", where the label is no sentence and the value no paragraph. */
function isPair(text: string): boolean {
  // leaders and columns: "Source ....... 198.51.100.7", "Source   198.51.100.7", a two-cell row of an HTML table
  const first = /^[^\s:：][^\t]{0,40}?(?=\t| ?\.{3}| {2})/.exec(text)?.[0];
  if (first !== undefined) {
    const second = text.slice(first.length).replace(/^(?:\t| ?\.{3,}| {2,60})[ :]{0,3}/, '');
    if (/^\S.{0,160}$/.test(second)) return !/[.!?,;]$/.test(first) && second.split(' ').length <= 10;
  }
  const colon = text.search(/[:：=]/);
  if (colon < 1 || colon > 45 || colon === text.length - 1) return false;
  // "2001:db8::7", "22:10" and "https://" have a colon too: without a space behind it, a letter must stand before it
  const isPlain = text[colon] === '：' || /\s/.test(text[colon + 1] ?? '');
  if (!isPlain && (!/[\p{L})\]"]/u.test(text[colon - 1] ?? '') || text[colon + 1] === '/')) return false;
  const label = text.slice(0, colon).trim();
  const value = text.slice(colon + 1).trim();
  if (label === '' || value === '' || value.length > 200) return false;
  if (label.split(/\s+/).length > 5 || /[,;!?"“”]/.test(label)) return false;
  return !(value.split(/\s+/).length > 14 && /[.!?]$/.test(value));
}
