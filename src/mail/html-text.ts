import { decodeHTML } from 'entities';
import type { HtmlText } from '../core/mail.ts';
import { attributesOf, hiddenSelectors, hides, type Attributes } from './html-hiding.ts';

/**
 * What an HTML body says, in one linear pass whatever the markup: cells are parted by tabs, rows and blocks by line
 * breaks, so that "185.220.101.1" and "22" in neighbouring cells never become one number, while inline elements and <wbr>
 * join, as on the screen. Text that a style hides goes to `hidden`, with alt and title texts; comments, scripts and
 * styles are dropped. `quotes` are the stretches of `visible` (start, end) that stand in a quoting element.
 */
export function htmlToText(html: string, maxChars = 5_000_000): HtmlText {
  const page = newPage(html.length > maxChars ? html.slice(0, maxChars) : html);
  let at = 0;
  while (at < page.html.length) {
    const open = page.html.indexOf('<', at);
    if (open < 0) break;
    if (open > at) addText(page, page.html.slice(at, open));
    at = readMarkup(page, open);
  }
  if (at < page.html.length) addText(page, page.html.slice(at));
  if (page.quoting > 0) closeQuote(page);
  return {
    visible: page.visible.trimEnd(),
    hidden: page.hidden.trim(),
    links: page.links,
    quotes: page.quotes,
  };
}

type OpenElement = {
  readonly name: string;
  readonly hidden: boolean;
  readonly quote: boolean;
  readonly pre: boolean;
  readonly tight: boolean;
};

type Page = {
  readonly html: string;
  readonly stack: OpenElement[];
  /** How many elements of each name are open: an end tag without a start costs nothing. */
  readonly open: Map<string, number>;
  readonly links: string[];
  readonly quotes: [number, number][];
  readonly selectors: Set<string>;
  visible: string;
  hidden: string;
  hiding: number;
  quoting: number;
  quoteStart: number;
  preformatted: number;
  /** Line breaks owed before the next text: 0, 1 or 2. */
  breaks: number;
  space: boolean;
  /** Tabs owed before the next text: empty cells keep their column. */
  tabs: number;
  /** Where we are in a table row: blocks at the edges of a cell break no line, so "label" and "value" stay together. */
  row: 'none' | 'start' | 'cell-start' | 'cell-text' | 'cell-lines';
  /** A tag whose quotes never close was seen: from there on the first ">" ends a tag, which keeps the pass linear. */
  brokenQuotes: boolean;
  /** Closers (">", "-->", end tags) of which no more follow: never looked for again, which keeps the pass linear. */
  readonly exhausted: Set<string>;
};

const maxLinks = 5000;
const voidElements = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
const lineElements = new Set(
  'div tr li dd dt option address article aside center details fieldset figcaption figure footer form header legend main nav section summary caption thead tbody tfoot'.split(
    ' ',
  ),
);
const paragraphElements = new Set('p h1 h2 h3 h4 h5 h6 table ul ol dl blockquote pre hr body'.split(' '));
/** Elements whose content is never shown, with what ends each. */
const droppedElements: ReadonlyMap<string, RegExp> = new Map([
  ['script', /<\/script(?=[\s>/])/gi],
  ['style', /<\/style(?=[\s>/])/gi],
  ['title', /<\/title(?=[\s>/])/gi],
  ['template', /<\/template(?=[\s>/])/gi],
  ['svg', /<\/svg(?=[\s>/])/gi],
]);
const impliedEnds: Record<string, readonly string[]> = {
  p: ['p'],
  div: ['p'],
  table: ['p'],
  ul: ['p'],
  ol: ['p'],
  blockquote: ['p'],
  li: ['p', 'li'],
  td: ['p', 'td', 'th'],
  th: ['p', 'td', 'th'],
  tr: ['p', 'td', 'th', 'tr'],
  dd: ['dd', 'dt'],
  dt: ['dd', 'dt'],
  option: ['option'],
};
const quoteMarks =
  /\b(?:gmail_quote|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|tutanota_quote|zmail_extra|divRplyFwdMsg|appendonsend|OutlookMessageHeader|mail-quote|WordSection-quote)\b/;

function newPage(html: string): Page {
  return {
    html,
    stack: [],
    open: new Map(),
    links: [],
    quotes: [],
    selectors: new Set(),
    visible: '',
    hidden: '',
    hiding: 0,
    quoting: 0,
    quoteStart: 0,
    preformatted: 0,
    breaks: 0,
    space: false,
    tabs: 0,
    row: 'none',
    brokenQuotes: false,
    exhausted: new Set(),
  };
}

/** Reads one piece of markup that begins at `open`, and returns where the next piece begins. */
function readMarkup(page: Page, open: number): number {
  const { html } = page;
  const next = html.charCodeAt(open + 1);
  if (next === 0x21 || next === 0x3f) return skipDeclaration(page, open);
  const closing = next === 0x2f;
  const nameAt = closing ? open + 2 : open + 1;
  let end = nameAt;
  while (end < html.length && isNameChar(html.charCodeAt(end))) end++;
  const first = html.charCodeAt(nameAt);
  // "<" before a digit or a space, and "<user@host.example>", are text that somebody forgot to escape
  if (end === nameAt || !isLetter(first) || html.charCodeAt(end) === 0x40) {
    if (closing && end === nameAt && html.charCodeAt(nameAt) === 0x3e) return nameAt + 1;
    addText(page, closing ? '</' : '<');
    return nameAt;
  }
  const close = tagEnd(page, end);
  if (close < 0) {
    addText(page, html.slice(open));
    return html.length;
  }
  const name = html.slice(nameAt, end).toLowerCase();
  if (closing) {
    endElement(page, name);
    return close + 1;
  }
  if (droppedElements.has(name) && html.charCodeAt(close - 1) !== 0x2f) return skipElement(page, name, close + 1);
  startElement(page, name, end < close ? attributesOf(html.slice(end, close)) : noAttributes);
  return close + 1;
}

const noAttributes: Attributes = {};

/** Comments, doctype, processing instructions and conditional sections of Outlook. */
function skipDeclaration(page: Page, open: number): number {
  const { html } = page;
  if (html.startsWith('<!--', open)) {
    const end = page.exhausted.has('-->') ? -1 : html.indexOf('-->', open + 4);
    if (end >= 0) return end + 3;
    page.exhausted.add('-->');
    // never closed: browsers hide the rest, but a complaint must not vanish behind a broken comment
    return open + 4;
  }
  if (html.startsWith('<![CDATA[', open)) return open + 9;
  const end = nextAngle(page, open);
  return end < 0 ? html.length : end + 1;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function isNameChar(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x3a) || code === 0x2d || code === 0x5f || code === 0x2e;
}

/** Jumps over an element whose content is never shown; style sheets are read for the classes they hide. */
function skipElement(page: Page, name: string, from: number): number {
  const end = page.exhausted.has(name) ? -1 : indexOfEndTag(page.html, name, from);
  if (end < 0) {
    page.exhausted.add(name);
    return from;
  }
  if (name === 'style')
    for (const selector of hiddenSelectors(page.html.slice(from, end))) page.selectors.add(selector);
  const close = page.html.indexOf('>', end);
  return close < 0 ? page.html.length : close + 1;
}

function indexOfEndTag(html: string, name: string, from: number): number {
  const pattern = droppedElements.get(name);
  if (pattern === undefined) return -1;
  pattern.lastIndex = from;
  return pattern.exec(html)?.index ?? -1;
}

/** The ">" that ends a tag, quoted attribute values respected; -1 where the text ends first. */
function tagEnd(page: Page, from: number): number {
  if (page.brokenQuotes) return nextAngle(page, from);
  const { html } = page;
  let at = from;
  while (at < html.length) {
    const code = html.charCodeAt(at);
    if (code === 0x3e) return at;
    if ((code === 0x22 || code === 0x27) && isValueStart(html, at)) {
      const close = html.indexOf(code === 0x22 ? '"' : "'", at + 1);
      if (close < 0) {
        page.brokenQuotes = true;
        return nextAngle(page, from);
      }
      at = close;
    }
    at++;
  }
  return -1;
}

/** A quote opens a value only after "=": a stray one in a tag is ignored, as browsers do. */
function isValueStart(html: string, at: number): boolean {
  const before = html.charCodeAt(at - 1);
  return before === 0x3d || (before === 0x20 && html.charCodeAt(at - 2) === 0x3d);
}

function nextAngle(page: Page, from: number): number {
  if (page.exhausted.has('>')) return -1;
  const at = page.html.indexOf('>', from);
  if (at < 0) page.exhausted.add('>');
  return at;
}

function startElement(page: Page, name: string, attributes: Attributes): void {
  for (const ended of impliedEnds[name] ?? []) if (page.stack.at(-1)?.name === ended) popElement(page);
  if (name === 'br') owe(page, page.breaks + 1);
  else if (name === 'td' || name === 'th') startCell(page);
  else breakFor(page, name, isTight(name, attributes));
  noteAttributes(page, attributes);
  if (voidElements.has(name)) return;
  const element = {
    name,
    hidden: hides(name, attributes, page.selectors),
    quote: isQuote(name, attributes),
    tight: isTight(name, attributes),
    pre: name === 'pre' || name === 'xmp' || name === 'listing' || /white-space:\s*pre/i.test(attributes.style ?? ''),
  };
  page.stack.push(element);
  page.open.set(name, (page.open.get(name) ?? 0) + 1);
  if (element.hidden) page.hiding++;
  if (element.pre) page.preformatted++;
  if (element.quote && page.quoting++ === 0) page.quoteStart = page.visible.length;
}

function endElement(page: Page, name: string): void {
  if (name === 'br') owe(page, page.breaks + 1);
  else if (name !== 'td' && name !== 'th') {
    const top = page.stack.at(-1);
    breakFor(page, name, top?.name === name && top.tight);
  }
  if (!page.open.get(name)) return;
  while (page.stack.length > 0 && page.stack.at(-1)?.name !== name) popElement(page);
  popElement(page);
}

function popElement(page: Page): void {
  const element = page.stack.pop();
  if (!element) return;
  page.open.set(element.name, (page.open.get(element.name) ?? 1) - 1);
  if (element.hidden) page.hiding--;
  if (element.pre) page.preformatted--;
  if (element.quote && --page.quoting === 0) closeQuote(page);
}

function closeQuote(page: Page): void {
  if (page.visible.length > page.quoteStart) page.quotes.push([page.quoteStart, page.visible.length]);
}

function breakFor(page: Page, name: string, tight: boolean): void {
  if (name === 'tr' || name === 'table') page.row = 'none';
  if (paragraphElements.has(name)) owe(page, tight ? Math.max(1, page.breaks) : 2);
  else if (lineElements.has(name)) owe(page, Math.max(1, page.breaks));
  if (name === 'tr') page.row = 'start';
}

/** Outlook writes each line as a paragraph without margins, and a blank line as one that holds a fixed space. */
function isTight(name: string, attributes: Attributes): boolean {
  if (name !== 'p') return false;
  return (
    /^"?Mso(?:Normal|PlainText|ListParagraph)/i.test(attributes.class ?? '') ||
    /margin\s{0,9}:\s{0,9}0(?:px|pt|cm|in)?\s{0,9}(?:;|$)/i.test(attributes.style ?? '')
  );
}

function owe(page: Page, breaks: number): void {
  if (page.row === 'cell-start' || page.hiding > 0) return;
  page.breaks = Math.min(2, Math.max(page.breaks, breaks));
  page.tabs = 0;
}

function startCell(page: Page): void {
  if (page.hiding > 0) return;
  switch (page.row) {
    case 'none':
    case 'start':
      break;
    case 'cell-lines':
      owe(page, 1);
      break;
    case 'cell-start':
    case 'cell-text':
      if (page.row === 'cell-text') page.breaks = 0;
      page.tabs++;
  }
  page.row = 'cell-start';
}

function isQuote(name: string, attributes: Attributes): boolean {
  return name === 'blockquote' || quoteMarks.test(attributes.class ?? '') || quoteMarks.test(attributes.id ?? '');
}

function noteAttributes(page: Page, attributes: Attributes): void {
  if (attributes.href && page.links.length < maxLinks) page.links.push(decodeHTML(attributes.href).trim());
  const aside = [attributes.alt, attributes.title].filter((text) => text).join(' ');
  if (aside) page.hidden += `${decodeHTML(aside)}\n`;
}

function addText(page: Page, raw: string): void {
  const text = invisible.test(raw) || raw.includes('&') ? decodeHTML(raw).replace(invisibles, '') : raw;
  if (page.hiding > 0) {
    const words = text.replace(/\s+/g, ' ').trim();
    if (words) page.hidden += `${words}\n`;
    return;
  }
  if (page.preformatted > 0) return write(page, text.replace(/\r\n?/g, '\n'));
  const words = text.replace(/[\s\u00a0]+/g, ' ');
  if (words === ' ') {
    if (text.includes('\u00a0') && page.stack.at(-1)?.tight === true) owe(page, 2);
    page.space = true;
  } else if (words !== '') write(page, words);
}

/** Puts what is owed (line breaks, a tab between cells, one space) before the words. */
function write(page: Page, words: string): void {
  let from = 0;
  let to = words.length;
  if (page.preformatted === 0) {
    if (words.charCodeAt(0) === 0x20) {
      page.space = true;
      from = 1;
    }
    if (words.charCodeAt(to - 1) === 0x20) to--;
  }
  if (page.visible !== '') {
    if (page.breaks > 0) {
      page.visible += page.breaks === 1 ? '\n' : '\n\n';
      if (page.row === 'cell-text') page.row = 'cell-lines';
    } else if (page.space && page.tabs === 0) page.visible += ' ';
    if (page.tabs > 0) page.visible += '\t'.repeat(Math.min(page.tabs, 50));
  }
  if (page.row === 'cell-start') page.row = 'cell-text';
  page.visible += from === 0 && to === words.length ? words : words.slice(from, to);
  page.breaks = 0;
  page.tabs = 0;
  page.space = to < words.length;
}

/** Zero-width space, word joiner, byte order mark, soft hyphen: they only hide an address from a reader like us. */
const invisible = /[\u200b\u2060\ufeff\u00ad]/;
const invisibles = /[\u200b\u2060\ufeff\u00ad]/g;
