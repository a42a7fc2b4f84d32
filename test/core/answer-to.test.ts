import { describe, expect, it } from 'vitest';
import { judge } from '../../src/core/judge/judge.ts';
import type { Mail } from '../../src/core/mail.ts';
import { detectLanguage } from '../../src/judging/detect-language.ts';
import { parseInventory } from '../../src/judging/inventory-file.ts';
import { loadJudgementData } from '../../src/judging/load-judgement-data.ts';
import { parseMail } from '../../src/mail/parse.ts';

const context = {
  inventory: parseInventory({
    desk: {
      addresses: ['abuse@exits.example'],
      messageIdDomain: 'exits.example',
      authservId: 'mx.exits.example',
      tokenPrefix: 'EX',
    },
    nodes: [{ name: 'helium', addresses: ['198.51.100.10'], from: null, until: null, exit: true }],
  }),
  data: loadJudgementData(),
  detectLanguage,
  letterLanguages: ['en'],
  handling: {},
};

async function mailOf(head: readonly string[], body: string): Promise<Mail> {
  const raw = [...head, 'To: abuse@exits.example', 'Subject: port scan', '', body].join('\r\n');
  const parsed = await parseMail(Buffer.from(raw));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.mail;
}

async function judged(head: readonly string[], body = 'Port scan from 198.51.100.10 at 2026-11-09 10:00 UTC.') {
  return judge(await mailOf(head, body), context);
}

describe('where a letter goes', () => {
  it.each([
    ['From, where nothing else is said', ['From: Ann <ann@a.example>'], undefined, 'ann@a.example'],
    [
      'a single Reply-To of the same organisation',
      ['From: noc@a.example', 'Reply-To: desk@sub.a.example'],
      undefined,
      'desk@sub.a.example',
    ],
    [
      'From, where Reply-To is somebody else’s',
      ['From: noc@a.example', 'Reply-To: x@elsewhere.example'],
      undefined,
      'noc@a.example',
    ],
    [
      'From, where Reply-To names several',
      ['From: noc@a.example', 'Reply-To: x@a.example, y@a.example'],
      undefined,
      'noc@a.example',
    ],
    [
      'any single Reply-To, where From is not read',
      ['From: no-reply@a.example', 'Reply-To: x@elsewhere.example'],
      undefined,
      'x@elsewhere.example',
    ],
    [
      'the contact in the text, where From is not read',
      ['From: no-reply@a.example'],
      'Port scan from 198.51.100.10. Please contact desk@a.example.',
      'desk@a.example',
    ],
    [
      'nobody, where the contact is elsewhere',
      ['From: no-reply@a.example'],
      'Port scan from 198.51.100.10. Please contact desk@b.example.',
      null,
    ],
    ['nobody, where nobody reads and nobody is named', ['From: no-reply@a.example'], undefined, null],
    [
      'who wrote to our list, not the list',
      ['From: Ann via Abuse <abuse@exits.example>', 'X-Original-From: Ann <ann@a.example>'],
      undefined,
      'ann@a.example',
    ],
    ['never a bounce address', ['From: bounces+12@a.example'], undefined, null],
  ])('%s', async (_, head, body, to) => {
    expect((await judged(head, body)).letter?.to ?? null).toBe(to);
  });

  it('is a person’s question where the contact is elsewhere, and nobody’s where there is none', async () => {
    const elsewhere = await judged(
      ['From: no-reply@a.example'],
      'Port scan from 198.51.100.10. Please contact desk@b.example.',
    );
    expect(elsewhere.risk.handling).toBe('person');
    expect((await judged(['From: no-reply@a.example'])).risk.handling).toBe('none');
  });

  it('is left to a person where DMARC fails under an enforced policy, by our own server’s word only', async () => {
    const from = 'From: Ann <ann@a.example>';
    const fail = 'dmarc=fail (p=reject) header.from=a.example';
    expect((await judged([`Authentication-Results: mx.exits.example; ${fail}`, from])).risk.handling).toBe('person');
    expect((await judged([`Authentication-Results: mx.liar.example; ${fail}`, from])).risk.handling).toBe('letter');
    const none = await judged([
      'Authentication-Results: mx.exits.example; dmarc=fail (p=none) header.from=a.example',
      from,
    ]);
    expect([none.risk.handling, none.oneLetterOnly]).toEqual(['letter', true]);
  });
});
