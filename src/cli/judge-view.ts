import { escapeLine } from '../core/hosts/escape-line.ts';
import type { Judgement, Reason } from '../core/judgement.ts';
import { passageWords } from '../core/passage-words.ts';
import type { Mail } from '../core/mail.ts';

export type JudgedMail = {
  readonly file: string;
  readonly mail: Mail | null;
  readonly judgement: Judgement;
  readonly problem: string | null;
  readonly ms: number;
  readonly colour: boolean;
};

type Paint = (text: string) => string;

const mailLines = 200;

/**
 * One judged mail for people: the verdict, the reasons with the very words, and the mail with accused addresses and deciding
 * words marked. Everything from the mail is escaped; of a sealed mail nothing is shown.
 */
export function showJudgement(judged: JudgedMail): string[] {
  const { judgement, mail, file } = judged;
  const paint = painter(judged.colour);
  const lines = [paint.bold(`── ${escapeLine(file)} `), ...verdictLines(judgement, paint)];
  if (judged.problem !== null) lines.push(`cannot be read: ${escapeLine(judged.problem)}`);
  if (judgement.sealed)
    return [...lines, paint.bad('sealed: nothing of this mail is shown; a person opens the stored mail'), ''];
  if (mail === null) return [...lines, ''];
  return [...lines, '', `Subject: ${mark(mail.subject, judgement, paint)}`, ...bodyLines(mail, judgement, paint), ''];
}

type Painter = {
  readonly bold: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly dim: Paint;
  readonly address: Paint;
  readonly word: Paint;
};

function painter(colour: boolean): Painter {
  const with_ = (code: string): Paint => (colour ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text);
  return {
    bold: with_('1'),
    good: with_('32'),
    bad: with_('31'),
    dim: with_('2'),
    address: with_('30;43'),
    word: with_('97;41'),
  };
}

function verdictLines(judgement: Judgement, paint: Painter): string[] {
  const { sender, risk, letter, event, provider } = judgement;
  const who = sender.automated === null ? 'robot or person unsure' : sender.automated ? 'robot' : 'person';
  const handling =
    risk.handling === 'letter'
      ? paint.good('a letter may leave')
      : risk.handling === 'person'
        ? paint.bad('a person decides')
        : 'nothing is sent';
  const lines = [
    `kind      ${judgement.kind}`,
    `sender    ${escapeLine(sender.address ?? '-')}, ${who} (${percent(sender.confidence)})${sender.greeting === null ? '' : `, to be greeted as ${escapeLine(sender.greeting)}`}`,
    ...reasons(sender.because.slice(0, 6), paint),
    `risk      ${risk.level ?? '-'}${risk.category === null ? '' : `, ${risk.category}`} (${percent(risk.confidence)}): ${handling}`,
    ...reasons(risk.because, paint),
    ...judgement.addresses
      .filter((a) => a.role === 'reported')
      .map(
        (a) =>
          `accused   ${a.ip}  ${a.standing}${a.node === null ? '' : ` (${escapeLine(a.node)})`}  ${paint.dim(escapeLine(a.because))}${a.passage === undefined || judgement.sealed ? '' : `\n          ${passageWords(a.passage)}`}`,
      ),
    ...judgement.addresses.filter((a) => a.role === 'mentioned').map((a) => `mentioned ${a.ip}`),
    `event     ${event.at ?? event.local ?? 'no time'}${event.text === null || judgement.sealed ? '' : ` ${paint.dim(`as written: ${escapeLine(event.text)}`)}`}`,
    `language  ${judgement.language ?? 'unknown'}`,
    `letter    ${letter === null ? 'none' : `${letter.template} in ${letter.language} to ${escapeLine(letter.to ?? 'nobody yet: a person chooses')}`}`,
  ];
  if (provider !== null)
    lines.push(
      `provider  token ${escapeLine(provider.token)}, deadline ${escapeLine(provider.deadline ?? '-')}, form ${escapeLine(provider.form ?? '-')}`,
    );
  if (judgement.alarms.length > 0) lines.push(paint.bad(`alert     ${judgement.alarms.join(', ')}`));
  return lines;
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

function reasons(because: readonly Reason[], paint: Painter): string[] {
  return because.map(({ rule, text }) => paint.dim(`          ${rule}${text === '' ? '' : `: “${escapeLine(text)}”`}`));
}

function bodyLines(mail: Mail, judgement: Judgement, paint: Painter): string[] {
  const body = mail.text.trim() === '' ? (mail.html?.visible ?? '') : mail.text;
  const lines = body.split('\n', mailLines + 1).flatMap(wrap);
  const shown = lines.slice(0, mailLines).map((line) => `  ${mark(line, judgement, paint)}`);
  return lines.length > mailLines ? [...shown, paint.dim(`  … (only the first ${mailLines} lines)`)] : shown;
}

/** Long lines in pieces: a line for the terminal is cut where it is escaped, and a mail's paragraph may be one line. */
function wrap(line: string): string[] {
  return line.slice(0, 20_000).match(/.{1,140}(?:\s|$)|\S{1,140}/gu) ?? [''];
}

/** A line of the mail, made safe for a terminal, with the accused addresses and the deciding words in colour. */
function mark(line: string, judgement: Judgement, paint: Painter): string {
  const safe = escapeLine(line);
  const spots = [
    ...judgement.addresses.filter((a) => a.role === 'reported').flatMap((a) => spotsOf(safe, a.ip, paint.address)),
    ...decidingWords(judgement).flatMap((word) => spotsOf(safe, word, paint.word)),
  ].sort((a, b) => a.from - b.from || b.to - a.to);
  let shown = '';
  let at = 0;
  for (const spot of spots) {
    if (spot.from < at) continue;
    shown += safe.slice(at, spot.from) + spot.paint(safe.slice(spot.from, spot.to));
    at = spot.to;
  }
  return shown + safe.slice(at);
}

type Spot = { readonly from: number; readonly to: number; readonly paint: Paint };

function spotsOf(line: string, text: string, paint: Paint): Spot[] {
  const spots: Spot[] = [];
  const lower = line.toLowerCase();
  const wanted = text.toLowerCase();
  for (let at = lower.indexOf(wanted); at !== -1 && spots.length < 50; at = lower.indexOf(wanted, at + wanted.length)) {
    spots.push({ from: at, to: at + wanted.length, paint });
  }
  return spots;
}

/** The words of the risk's reasons; a reason may join several with an ellipsis, and a phrase may run over a line's end. */
function decidingWords(judgement: Judgement): string[] {
  const texts = judgement.risk.because.flatMap(({ text }) => text.split(' … '));
  return [...new Set(texts.map((t) => t.trim()).filter((t) => t.length > 2))];
}
