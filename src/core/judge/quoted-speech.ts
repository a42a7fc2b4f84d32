import type { ReadText } from './read-text.ts';

/** The quotation marks of the languages that write to us, opening before closing. Quoted words count, too: what stands between two is not quoted. */
const quotation =
  /[“"„«「『]([^“”"„«»「」『』]{1,600}?)[”"“»’」』]|[‘‚]([^“”"„«»「」『』‘‚]{8,600}?)[”"“»’」』]|(?<![^\s(:,])'((?:[^'"]|(?<=\p{L})'(?=\p{L})){8,600}?)'(?!\p{L})/gu;
/** Code, addresses, fields and figures: what machines say, and people quote from logs. */
const machineSigns = /[/=<>{}@\\_|]|\d{2}|https?:/;
/** The mark within a Hebrew abbreviation is no quotation mark: it stands before its last letter. */
const gershayim = /(?<=[\u05d0-\u05ea])["”](?=[\u05d0-\u05ea](?![\u05d0-\u05ea]))/g;
const leastWords = 5;
const leastIdeographs = 10;
/** Who quotes more than this is read by a person. */
const mostExplained = 20;

/**
 * Somebody else's words that the mail quotes within its own story, as people do with what was said to them: at least five
 * words (ten characters of a script without spaces), no code or figures. Null where nothing of the kind stands there.
 * A threat in quiet words ("you leave your gate open at night") has no key word; that it was quoted is all there is to see.
 * @param isExplained words that need nobody's eyes, such as those of an advertisement that the mail complains of
 */
export function quotedSpeech(
  text: Pick<ReadText, 'own' | 'forwarded'>,
  isExplained: (said: string) => boolean,
): string | null {
  return firstUnexplained(text, quotedIn, isExplained);
}

function* quotedIn(paragraph: string): Generator<string> {
  for (const match of paragraph.matchAll(quotation)) {
    const said = (match[1] ?? match[2] ?? match[3] ?? '').trim();
    if (!machineSigns.test(said) && isSentence(said, leastWords, leastIdeographs) && !isTitle(said)) yield said;
  }
}

/** What follows a colon, to the end of its sentence. */
const afterColon = /(?<=[\p{L}\p{M})"”»])[:：]([^:：.!?。！？]{8,300})/gu;
/** "Dear all:" */
const longestGreeting = 9;
const leastWordsAfterColon = 4;
const leastIdeographsAfterColon = 8;

/**
 * What stands after a colon in the mail's own story and has nothing to do with its matter: "In the notes he left: the back
 * door has no lamp". People who tell what was said to them need no quotation marks for it. Null where nothing of the kind stands there.
 * @param isExplained words of technical matters, trade and offices, of which lists of findings are made
 */
export function saidAfterColon(
  text: Pick<ReadText, 'own' | 'forwarded'>,
  isExplained: (said: string) => boolean,
): string | null {
  return firstUnexplained(text, afterColonIn, isExplained);
}

function* afterColonIn(paragraph: string): Generator<string> {
  for (const { 1: found = '', index } of paragraph.matchAll(afterColon)) {
    const said = found.trim();
    if (index < longestGreeting || machineSigns.test(said) || /\d$/.test(said)) continue;
    if (isSentence(said, leastWordsAfterColon, leastIdeographsAfterColon)) yield said;
  }
}

/** The first words in the mail's own story that nothing explains; of very many, those are not asked about any more. */
function firstUnexplained(
  { own, forwarded }: Pick<ReadText, 'own' | 'forwarded'>,
  saidIn: (paragraph: string) => Iterable<string>,
  isExplained: (said: string) => boolean,
): string | null {
  const story = `${own}\n\n${forwarded}`.slice(0, 60_000).replace(gershayim, '״');
  let left = mostExplained;
  for (const paragraph of story.split(/\n[ \t]*\n/)) {
    for (const said of saidIn(paragraph.replace(/\s+/g, ' '))) if (left-- === 0 || !isExplained(said)) return said;
  }
  return null;
}

function isSentence(said: string, words: number, ideographs: number): boolean {
  const signs = said.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu)?.length ?? 0;
  return said.split(' ').length >= words || signs >= ideographs;
}

/** "The Long Walk To The Sea": every word begins with a capital letter and goes on in small ones. */
function isTitle(said: string): boolean {
  return said.split(' ').every((word) => /^\p{P}*\p{Lu}(?:$|\p{Ll})/u.test(word));
}
