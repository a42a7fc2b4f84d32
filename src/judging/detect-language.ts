import { eld } from 'eld/extrasmall';

const detector = eld.newInstance();
const words = /[\p{L}\p{M}'’]{2,}/gu;

/** More words make the answer no better, only dearer. */
const enoughWords = 30;

/** ISO 639-1 of a text, null where there is too little of it to tell. Addresses, links and figures are left out. */
export function detectLanguage(text: string): string | null {
  const prose = text
    .slice(0, 3000)
    // Runs of ASCII only: in a script without spaces, a whole sentence stands around an address.
    .replace(/[!-~]+/g, (word) => (/[@/\\_=]|\S\.\S/.test(word) ? ' ' : word))
    .match(words)
    ?.slice(0, enoughWords);
  if (prose === undefined) return null;
  if (isPlainEnglish(prose)) return 'en';
  const script = byScript(prose.join(''));
  if (script !== null) return script;
  if (prose.length < 2) return null;
  const found = detector.detect(prose.join(' ')).language || null;
  // The detector has one name for Malay and Indonesian, which it cannot tell apart; ten times as many write the latter.
  return found === 'ms' ? 'id' : found;
}

const englishWords = new Set(
  'the and of to is are was were be been has have had this that these which from with your you our we it for not will would please any by at as'.split(
    ' ',
  ),
);

/** Most mail is English, and its little words show it at a glance: a third of all words is more than any other language borrows. */
function isPlainEnglish(prose: readonly string[]): boolean {
  let little = 0;
  for (const word of prose) if (englishWords.has(word.toLowerCase())) little++;
  return prose.length >= 15 && little * 3 >= prose.length;
}

/** Scripts that one language of the world writes almost alone. */
function byScript(letters: string): string | null {
  const share = (pattern: RegExp) => (letters.match(pattern)?.length ?? 0) / letters.length;
  if (share(/[\u3040-\u30ff]/g) > 0.1) return 'ja';
  if (share(/[\uac00-\ud7af]/g) > 0.3) return 'ko';
  if (share(/[\u4e00-\u9fff]/g) > 0.3) return 'zh';
  if (share(/[\u0370-\u03ff]/g) > 0.3) return 'el';
  if (share(/[\u0590-\u05ff]/g) > 0.3) return 'he';
  return null;
}
