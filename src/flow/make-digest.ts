import type { App } from '../app.ts';
import { digestView, type DigestView } from '../core/digest.ts';
import { casesInSpan, casesInState, casesWaitingForPerson } from '../store/cases.ts';
import { suspectNodes, troubledChecks } from '../store/checks.ts';
import { lettersInSpan } from '../store/letters.ts';
import { mailsForDigest } from '../store/mails.ts';
import { lastDigestUntil, outboxInStatus } from '../store/outbox.ts';
import { pulses } from '../store/pulse.ts';
import { publicDifferences } from './public-differences.ts';

const spanMs = { daily: 86_400_000, weekly: 7 * 86_400_000 } as const;

/** Gathers one digest from the store. Its span begins where the digest before it ended, so that a missed day is not lost. */
export function makeDigest(
  app: App,
  { period, until }: { readonly period: 'daily' | 'weekly'; readonly until: number },
): DigestView {
  const { db, config } = app;
  const from = lastDigestUntil(db, period, until) ?? Math.max(until - spanMs[period], Math.min(app.installedAt, until));
  return digestView({
    period,
    from,
    until,
    timeZone: config.digest.timeZone,
    tokenPrefix: config.desk.tokenPrefix,
    waiting: casesWaitingForPerson(db),
    awaiting: [...casesInState(db, 'awaiting-answer'), ...casesInState(db, 'followed-up')],
    opened: casesInSpan(db, 'opened', from, until),
    closed: casesInSpan(db, 'closed', from, until),
    letters: lettersInSpan(db, from, until).flatMap((letter) =>
      letter.caseId === null || letter.leftAt === null
        ? []
        : [{ caseId: letter.caseId, name: letter.name, leftAt: letter.leftAt }],
    ),
    suspects: suspectNodes(db),
    checks: troubledChecks(
      db,
      config.nodes.map((node) => node.name),
      from,
      until,
    ),
    mails: mailsForDigest(db, from, until),
    stuck: [...outboxInStatus(db, 'parked'), ...outboxInStatus(db, 'unknown')].map((row) => ({
      key: row.key,
      why: row.result ?? '',
    })),
    failing: pulses(db, app.mailboxes).flatMap((pulse) =>
      pulse.failingSince === null ? [] : [{ part: pulse.part, since: pulse.failingSince, detail: pulse.detail ?? '' }],
    ),
    differences: publicDifferences(app),
  });
}
