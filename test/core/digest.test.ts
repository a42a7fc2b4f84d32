import { describe, expect, it } from 'vitest';
import { alertView } from '../../src/core/alert.ts';
import type { Case } from '../../src/core/case.ts';
import type { DigestInput } from '../../src/core/digest.ts';
import { digestView } from '../../src/core/digest.ts';
import { renderAlert, renderDigest } from '../../src/mail/render-notice.ts';
import { aCase, aJudgement, aLetter, dayMs, inEachState, t0 } from '../support/a-case.ts';

const empty: DigestInput = {
  period: 'daily',
  from: t0 - dayMs,
  until: t0,
  timeZone: 'UTC',
  tokenPrefix: 'EX',
  waiting: [],
  awaiting: [],
  opened: [],
  closed: [],
  letters: [],
  suspects: [],
  checks: [],
  mails: [],
  stuck: [],
  failing: [],
  differences: [],
};

const numbered = (kase: Case, id: number): Case => ({ ...kase, id }) as Case;
const titles = (input: Partial<DigestInput>): readonly string[] =>
  digestView({ ...empty, ...input }).sections.map((section) => section.title);

const danger = aCase(
  { state: 'needs-person', reasons: ['danger-or-authority'], drafts: [] },
  { judgement: aJudgement({ risk: { level: 'threatening', category: 'stalking' } }) },
);
const deadline = aCase({ state: 'needs-person', reasons: ['approval'], drafts: [] }, { providerDeadline: t0 + dayMs });
const sealed = aCase(
  { state: 'needs-person', reasons: ['danger-or-authority'], drafts: [] },
  {
    judgement: aJudgement({ sealed: true, alarms: ['child-abuse/report'], risk: { category: 'child-abuse' } }),
    complaint: { ...aCase().complaint, subject: 'SECRET-SUBJECT' },
  },
);

describe('the digest', () => {
  it('of a quiet day says so', () => {
    expect(renderDigest(digestView(empty)).text).toContain('Nothing happened');
  });

  it('puts first what needs a person: danger, then deadlines, then the rest', () => {
    const view = digestView({
      ...empty,
      waiting: [numbered(inEachState['in-discussion'], 1), numbered(deadline, 2), numbered(danger, 3)],
      opened: [danger],
    });
    expect(view.sections[0]?.title).toBe('Needs a person');
    expect(view.sections[0]?.rows.map((row) => row.token)).toEqual(['[EX-3]', '[EX-2]', '[EX-1]']);
    expect(view.sections[0]?.rows[1]?.when).toBe('by 2026-11-03 08:00');
  });

  it('lists the automated senders to whom a person should step in', () => {
    const robot = { ...inEachState['awaiting-answer'], letters: [aLetter({ letter: 'ask-for-human' })] } as Case;
    expect(titles({ awaiting: [robot, inEachState['followed-up']] })).toEqual([
      'Automated sender: a person should step in',
      'Waiting for an answer',
    ]);
  });

  it('gives one line a sender for what was over budget', () => {
    const withheld = { ...inEachState['awaiting-answer'], letters: [aLetter({ status: 'withheld' })] } as Case;
    const view = digestView({ ...empty, awaiting: [numbered(withheld, 1), numbered(withheld, 2)] });
    const section = view.sections.find((s) => s.title === 'Over budget, by sender');
    expect(section?.rows).toMatchObject([
      { token: '[EX-1] [EX-2]', what: 'jane@site.example', why: '2 letters withheld' },
    ]);
  });

  it('keeps what was only observed apart from what waits for a decision', () => {
    const observed = aCase({ state: 'needs-person', reasons: ['observed'], drafts: [] });
    expect(titles({ waiting: [observed] })).toEqual(['Observe mode: would have been answered']);
  });

  it('shows nothing of a sealed mail but its case', () => {
    const { text, html } = renderDigest(
      digestView({
        ...empty,
        waiting: [sealed],
        opened: [sealed],
        mails: [
          {
            id: 4,
            kind: 'complaint',
            toPerson: true,
            sealed: true,
            sender: 'x@y.example',
            subject: 'SECRET-SUBJECT',
            note: null,
          },
        ],
      }),
    );
    expect(text).not.toContain('SECRET-SUBJECT');
    expect(html).not.toContain('SECRET-SUBJECT');
    expect(text).toContain('[EX-17]');
  });

  it('escapes what came from a mail in HTML, and keeps every row on its line in text', () => {
    const hostile = {
      ...danger,
      complaint: { ...danger.complaint, subject: '<b>x</b>{{title}}\r\nFORGED LINE' },
    } as Case;
    const { text, html } = renderDigest(digestView({ ...empty, opened: [hostile] }));
    expect(html).toContain('&lt;b&gt;x&lt;&#x2F;b&gt;');
    expect(text).not.toMatch(/^FORGED LINE/m);
    expect(text).toContain('{{title}}');
  });
});

describe('an alert', () => {
  const about = { node: null, mailId: null, check: null, tokenPrefix: 'EX', timeZone: 'UTC' } as const;

  it('says what happened, why, and what to do', () => {
    const { subject, text } = renderAlert(alertView({ ...about, about: 'danger', kase: danger }));
    expect(subject).toContain('[EX-17]');
    expect(text).toContain('stalking, threatening');
    expect(text).toContain('exitdesk take 17');
  });

  it('about a sealed case names the rule and nothing of the mail', () => {
    const { subject, text, html } = renderAlert(alertView({ ...about, about: 'danger', kase: sealed }));
    for (const shown of [subject, text, html]) expect(shown).not.toContain('SECRET-SUBJECT');
    expect(text).toContain('child-abuse/report');
  });
});
