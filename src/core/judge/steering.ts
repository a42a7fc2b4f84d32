import type { Reason } from '../judgement.ts';
import type { Mail } from '../mail.ts';
import { hitsOf, wordsOf, type MailWords } from './mail-words.ts';

const tags: ReadonlyArray<readonly [string, RegExp]> = [
  [
    'steering/template-tag',
    /\{\{[^{}\n]{1,80}\}\}|\{%[^%\n]{1,80}%\}|<%[^%\n]{1,80}%>|\$\{(?!jndi:|env:|lower:|upper:|::-)[^{}\n]{1,80}\}/,
  ],
  ['steering/shell', /\$\([a-z][^()\n]{0,60}\)|;\s?(?:curl|wget|rm|cat|nc|bash|sh) [^\n]{1,60}|\|\s?(?:ba)?sh\b/],
];
/** The marks by which programs that answer in words are told who speaks. */
const roleTag = /<\/?(?:system|assistant|instructions?)>|<\|[a-z_]{2,20}\|>|\[\/?INST\]/i;

/**
 * Attempts to steer the desk or whatever reads its mail: instructions to a robot, template tags, commands, line breaks in
 * header fields. Template tags in evidence (logs of web attacks are full of them) count for nothing; words to the desk do.
 */
export function findSteering(mail: Mail, words: MailWords, hidden: string): Reason[] {
  const reasons: Reason[] = [words.narrative, words.evidence].flatMap((passage) =>
    hitsOf(passage, 'steering').map((hit) => ({ rule: hit.entry.id, text: wordsOf(passage, hit) })),
  );
  const role =
    roleTag.exec(words.narrative.text.slice(0, 50_000)) ?? roleTag.exec(words.evidence.text.slice(0, 50_000));
  if (role !== null) reasons.push({ rule: 'steering/role-tag', text: oneLine(role[0]) });
  const heads = [mail.subject, ...mail.from.map((a) => a.name ?? ''), ...mail.replyTo.map((a) => a.name ?? '')];
  for (const head of heads) {
    if (/[\r\n\u0085\u2028\u2029\0]/.test(head))
      reasons.push({ rule: 'steering/line-break-in-header', text: oneLine(head) });
    const field = /(?:^|\s)(?:bcc|reply-to|content-type|mime-version|x-[a-z-]{2,30}):\s?\S/i.exec(head);
    if (field !== null) reasons.push({ rule: 'steering/header-field-in-header', text: oneLine(field[0]) });
    const tag = tags[0]?.[1].exec(head);
    if (tag) reasons.push({ rule: 'steering/template-tag', text: oneLine(tag[0]) });
  }
  const prose = proseOnly(words.narrative.text.slice(words.ownFrom, words.forwardedFrom));
  for (const [rule, pattern] of tags) {
    const found = pattern.exec(prose);
    if (found !== null) reasons.push({ rule, text: oneLine(found[0]) });
  }
  const aside = hidden.toLowerCase();
  if (/\bclassif|\brisk\s?=|\bhandling\s?=|\bkind\s?=|do not alert|ignore (?:all|any|the|previous)/.test(aside)) {
    reasons.push({ rule: 'steering/hidden-text', text: oneLine(hidden.trim()).slice(0, 120) });
  }
  return reasons.slice(0, 6);
}

/** Leaves out lines that quote a request or a log: there such tags are what the complaint is about. */
function proseOnly(text: string): string {
  return text
    .split('\n')
    .filter(
      (line) =>
        !/"(?:GET|POST|PUT|HEAD)\b|\b(?:GET|POST) \/|HTTP\/\d|User-Agent|%[0-9a-f]{2}|\?\w+=|^\s{0,4}\w{1,20}=\S/i.test(
          line,
        ),
    )
    .join('\n')
    .slice(0, 50_000);
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 160);
}
