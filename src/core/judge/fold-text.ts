/** A word of a text, folded for comparison, with its place in the original. */
export type Token = {
  /** Folded: lower case, no diacritics, one form per letter; a single character in scripts that set no spaces. */
  readonly word: string;
  /** Where an Arabic or Hebrew word carries glued particles: the word without them, too. */
  readonly bare: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly sentence: number;
  /** Inside quotation marks. */
  readonly quoted: boolean;
};

const separator = 0;
const letter = 1;
const ideograph = 2;
const sentenceEnd = 3;
const quoteMark = 4;
const lineBreak = 5;

/** One class per UTF-16 unit, so that scanning a text costs one look-up a character (and is linear by construction). */
const classes = classify();

function classify(): Uint8Array {
  const table = new Uint8Array(65536);
  const isLetter = /[\p{L}\p{M}\p{N}\u00ad\u200b\u2060\ufeff]/u;
  const isIdeograph =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
  for (let unit = 0; unit < 65536; unit++) {
    if (unit >= 0xac00 && unit <= 0xd7a3) table[unit] = letter;
    else if (unit >= 0xd800 && unit <= 0xdfff) table[unit] = separator;
    else {
      const char = String.fromCharCode(unit);
      if (isIdeograph.test(char)) table[unit] = ideograph;
      else if (isLetter.test(char)) table[unit] = letter;
    }
  }
  table[0x30fc] = ideograph;
  for (const char of '.!?;。！？；؟۔।…') table[char.charCodeAt(0)] = sentenceEnd;
  for (const char of '"“”„‟«»「」『』《》') table[char.charCodeAt(0)] = quoteMark;
  table[0x0a] = lineBreak;
  return table;
}

/** The words of a text in order, at most `limit` of them. */
export function tokenize(text: string, limit = 60_000): Token[] {
  const tokens: Token[] = [];
  const length = text.length;
  let sentence = 0;
  let quoted = false;
  let breaks = 0;
  for (let at = 0; at < length && tokens.length < limit; at++) {
    const kind = classes[text.charCodeAt(at)];
    if (kind === letter) {
      const start = at;
      while (at + 1 < length && (classes[text.charCodeAt(at + 1)] === letter || isWithinNumber(text, at + 1))) at++;
      pushWord(tokens, text, { start, end: at + 1, sentence, quoted });
      breaks = 0;
    } else if (kind === ideograph) {
      tokens.push({ word: foldWord(text[at] ?? ''), bare: [], start: at, end: at + 1, sentence, quoted });
      breaks = 0;
    } else if (kind === sentenceEnd) {
      if (!isWithinSentence(text, at)) sentence++;
    } else if (kind === quoteMark) quoted = !quoted;
    else if (kind === lineBreak && ++breaks === 2) {
      sentence++;
      quoted = false;
    }
  }
  return tokens;
}

/** The dot or colon of "198.51.100.7", "5.10.2026" and "23:14": each of them is one word of its sentence. */
function isWithinNumber(text: string, at: number): boolean {
  const char = text.charCodeAt(at);
  return (char === dot || char === colon) && isDigit(text.charCodeAt(at - 1)) && isDigit(text.charCodeAt(at + 1));
}

/** The dot of "example.org", of "kl. 10", and of "the 5. of October" in languages that number days so. */
function isWithinSentence(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== dot) return false;
  if (classes[text.charCodeAt(at + 1)] === letter) return true;
  if (isDigit(text.charCodeAt(at + 2)) && beforeFigures.test(text.slice(Math.max(0, at - 5), at))) return true;
  const isDay = isDigit(text.charCodeAt(at - 1)) && /(?:^|\s)\d{1,2}$/.test(text.slice(Math.max(0, at - 3), at));
  return isDay && text[at + 1] === ' ' && /^\p{Ll}/u.test(text.slice(at + 2, at + 3));
}

/** Short for what only figures follow: o'clock, about, number, the month. */
const beforeFigures = /(?:^|[\s(])(?:kl|ca|nr|tlf|tel|d|okt|oct|sept?|nov|dez|dec|des|aug|jan|feb)$/i;

const dot = 0x2e;
const colon = 0x3a;

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

type Place = { readonly start: number; readonly end: number; readonly sentence: number; readonly quoted: boolean };

const longestWord = 60;

function pushWord(tokens: Token[], text: string, place: Place): void {
  // A run of hundreds of letters is no word (base64, a hash): keep its head so that positions stay true.
  const raw = text.slice(place.start, Math.min(place.end, place.start + longestWord));
  const word = foldWord(raw);
  tokens.push({ ...place, word, bare: bareForms(word) });
}

// eslint-disable-next-line no-misleading-character-class -- marks are stripped one by one
const marks = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u2060\ufeff]/g;
const asciiOnly = /^[\x00-\x7f]*$/;
const oneForm: Readonly<Record<string, string>> = {
  ß: 'ss',
  ł: 'l',
  đ: 'd',
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  þ: 'th',
  ð: 'd',
  ŋ: 'n',
  ə: 'e',
  ى: 'ي',
  ی: 'ي',
  ة: 'ه',
  ک: 'ك',
  ہ: 'ه',
  ۀ: 'ه',
  ς: 'σ',
  ґ: 'г',
  ё: 'е',
};
const manyForms = /[ßłđøæœıþðŋəىیةکہۀςґё]/g;

/** One word in the form that all comparing is done in: lower case, without diacritics, ligatures and variants undone. */
export function foldWord(raw: string): string {
  if (asciiOnly.test(raw)) return raw.toLowerCase();
  return raw
    .toLowerCase()
    .normalize('NFKD')
    .replace(marks, '')
    .replace(manyForms, (char) => oneForm[char] ?? char)
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) % 16));
}

const arabicParticle = /^(?:[وف]?(?:ب|ل|ك|س)?(?:ال)?|[وف]?لل)(?=[\u0620-\u06ff]{3})/;
const hebrewParticle = /^(?:ו?(?:כש|מש|[שהבלכמ])?ה?)(?=[\u05d0-\u05ea]{2})/;

/** Arabic and Hebrew write "and", "in", "to" and "the" together with the word. */
function bareForms(word: string): readonly string[] {
  const first = word.charCodeAt(0);
  if (first < 0x0590 || first > 0x06ff) return [];
  const particles = first < 0x0600 ? hebrewParticle : arabicParticle;
  const longest = particles.exec(word)?.[0].length ?? 0;
  const forms: string[] = [];
  for (let cut = 1; cut <= longest; cut++) forms.push(word.slice(cut));
  return forms;
}
