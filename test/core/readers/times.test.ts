import { describe, expect, it } from 'vitest';
import { readComplaint } from '../../../src/core/readers/read-complaint.ts';
import { segment } from '../../../src/core/segments.ts';
import { parseMail } from '../../../src/mail/parse.ts';
import { emptyInventory, heads, labels } from './shipped-labels.ts';

/** The event of a mail with this body, written on Tuesday 6 October 2026 at 10:00 UTC. */
async function eventOf(body: string, date = 'Tue, 06 Oct 2026 10:00:00 +0000'): Promise<string | null> {
  const raw = `From: a@b.example\r\nDate: ${date}\r\nSubject: report\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`;
  const result = await parseMail(Buffer.from(raw));
  if (!result.ok) throw new Error(result.reason);
  const { event } = readComplaint(result.mail, segment(result.mail, heads), emptyInventory, labels);
  return event.at ?? (event.local === null ? null : `local:${event.local}`);
}

describe('the time of the event', () => {
  it.each([
    ['ISO 8601 with an offset', '2026-10-05T04:02:11+01:00 login failed', '2026-10-05T03:02:11Z'],
    ['ISO 8601 with fractions and Z', 'at 2026-10-05T04:02:11.123Z', '2026-10-05T04:02:11Z'],
    ['RFC 5322', 'Mon, 5 Oct 2026 07:19:02 +0200', '2026-10-05T05:19:02Z'],
    ['Apache', '192.0.2.1 - - [05/Oct/2026:19:44:31 -0500] "GET / HTTP/1.1" 403 1', '2026-10-06T00:44:31Z'],
    [
      'syslog without a year, zone below',
      'Oct  5 21:18:02 gate sshd[1]: Failed password\n\nTime zone: +0300',
      '2026-10-05T18:18:02Z',
    ],
    ['asctime with the zone behind', 'Mon Oct  5 05:12:33 2026 -0400', '2026-10-05T09:12:33Z'],
    ['asctime with the zone before the year', 'Mon Oct  5 05:12:33 CEST 2026', '2026-10-05T03:12:33Z'],
    ['epoch seconds under a label', 'first_event_ts=1791182400', '2026-10-05T06:40:00Z'],
    ['epoch milliseconds', 'start 1791182400000', '2026-10-05T06:40:00Z'],
    ['US order with pm', 'On 9/28/2026 at 9:12 PM EDT', '2026-09-29T01:12:00Z'],
    ['a month name in US order', 'October 4, 2026 between 9:12 PM and 9:58 PM MDT', '2026-10-05T03:12:00Z'],
    ['a two-digit year', '04.10.26 22:04:19 MESZ', '2026-10-04T20:04:19Z'],
    ['summer time of a named zone on that day', '2026-10-05 12:00 Europe/Berlin', '2026-10-05T10:00:00Z'],
    ['UTC+2 in brackets', '2026-10-05, 23:14:08 (UTC+2)', '2026-10-05T21:14:08Z'],
    ['no zone anywhere', '5 October 2026 at 14:05', 'local:2026-10-05T14:05'],
    ['a clock time with a dot and its zone', 'since this morning 7.05 (BST)', '2026-10-06T06:05:00Z'],
    [
      'the first of a range without minutes',
      'le 5 octobre entre 14h et 14h25 (heure de Paris)',
      '2026-10-05T12:00:00Z',
    ],
    ['a zone in brackets is no time', 'Times are local (-03:00).\n\n05/10/2026 21:14:08', '2026-10-06T00:14:08Z'],
    [
      'a day told below a block of lines',
      '05:12:44 a > b\n05:12:45 b > a\n\nday 2026-10-05, clock UTC',
      '2026-10-05T05:12:44Z',
    ],
    ['a zone told in a sentence', '10/4/2026, 9:41:07 PM\n\nThe time is Eastern.', '2026-10-05T01:41:07Z'],
    ['a zone behind "this morning"', 'since 5:15 this morning (Eastern)', '2026-10-06T09:15:00Z'],
    ['"at night" after midnight', "dün gece 01.35'ten beri (Türkiye saati)", '2026-10-05T22:35:00Z'],
    [
      'the day behind each of two times',
      'between 2130 hrs UTC on 4 October and 0145 hrs UTC on 5 October',
      '2026-10-04T21:30:00Z',
    ],
    ['a price beside the time', 'at 14:05 UTC on 5 October, for about 3.50 euros each', '2026-10-05T14:05:00Z'],
    ['an hour with its half of the day', 'le 5 octobre à 3 heures du matin (heure de Paris)', '2026-10-05T01:00:00Z'],
    ['a country behind the clock time', 'ayer a las 23:18 de Argentina', '2026-10-06T02:18:00Z'],
    [
      'the log, not what a registry notes of the network',
      'created:        2023-11-02T10:11:12Z\n\nOct  5 21:18:02 gate sshd[1]: Failed password',
      'local:2026-10-05T21:18',
    ],
    ['a day without a clock time', 'It happened on 5 October 2026.', null],
    ['"yesterday"', 'It began yesterday at 22:05 UTC.', '2026-10-05T22:05:00Z'],
    ['a weekday', 'On Sunday at 13:00 UTC it started.', '2026-10-04T13:00:00Z'],
    ['the first of several', 'Last: 2026-10-05 10:00:00 UTC\nFirst: 2026-10-05 09:00:00 UTC', '2026-10-05T09:00:00Z'],
    [
      'a deadline ahead is no event',
      'Seen 2026-10-05 09:00 UTC. Answer by 2026-10-09 08:00 UTC.',
      '2026-10-05T09:00:00Z',
    ],
    ['day and month in doubt', 'Seen on 09/10/2026 14:05 UTC', null, 'Mon, 12 Oct 2026 10:00:00 +0000'],
    [
      'day and month settled by another date',
      'Seen on 09/10/2026 14:05 UTC, last on 25/09/2026, that is 9 October',
      '2026-10-09T14:05:00Z',
      'Mon, 12 Oct 2026 10:00:00 +0000',
    ],
    [
      'a year before the turn',
      'Dec 30 10:00:00 gate x: y\n(UTC)',
      '2025-12-30T10:00:00Z',
      'Fri, 02 Jan 2026 10:00:00 +0000',
    ],
    ['an IPv6 address is no clock time', 'From 2001:db8:12:30::1 on 2026-10-05 15:00 UTC', '2026-10-05T15:00:00Z'],
  ])('%s', async (_, body, expected, date?: string) => {
    expect(await eventOf(body, date)).toBe(expected);
  });

  it.each([
    ['de', 'Am 4.10.2026 um 02:17:48 Uhr MESZ begann es.', '2026-10-04T00:17:48Z'],
    ['de', 'Gestern um 14 Uhr (deutsche Zeit) ging es los.', '2026-10-05T12:00:00Z'],
    ['fr', 'Le 5 octobre 2026 à 17h42 (heure de Paris).', '2026-10-05T15:42:00Z'],
    ['es', 'El 5 de octubre de 2026 a las 20:41 hora peninsular.', '2026-10-05T18:41:00Z'],
    ['es', 'Ayer a las 9:15 de la noche, hora de Lima.', '2026-10-06T02:15:00Z'],
    ['pt', 'Ontem, 05/10/2026, às 17h26 (Brasília).', '2026-10-05T20:26:00Z'],
    ['it', 'Il 5 ottobre 2026 alle ore 21:03, ora legale.', '2026-10-05T19:03:00Z'],
    ['nl', 'Op 5 oktober 2026 om 08:47 uur (Nederlandse tijd).', '2026-10-05T06:47:00Z'],
    ['sv', 'Den 5 oktober 2026 kl. 21.15 svensk tid.', '2026-10-05T19:15:00Z'],
    ['da', 'I går kl. 21.15 dansk tid.', '2026-10-05T19:15:00Z'],
    ['nb', 'Den 5. oktober 2026 klokken 21:15 norsk tid.', '2026-10-05T19:15:00Z'],
    ['fi', '5. lokakuuta 2026 klo 21.15 (Suomen aikaa).', '2026-10-05T18:15:00Z'],
    ['pl', '5 października 2026 r. o godz. 22:56 czasu polskiego.', '2026-10-05T20:56:00Z'],
    ['cs', 'Dne 5. října 2026 ve 22:56 (SELČ).', '2026-10-05T20:56:00Z'],
    ['cs', 'Včera ve 22.56 našeho času.', '2026-10-05T20:56:00Z'],
    ['sk', 'Dňa 5. októbra 2026 o 22:56 letného času.', '2026-10-05T20:56:00Z'],
    ['hu', '2026. október 5-én 22:56-kor (magyar idő szerint).', '2026-10-05T20:56:00Z'],
    ['hu', '2026. október 5. 22:56 CEST', '2026-10-05T20:56:00Z'],
    ['ro', 'Pe 5 octombrie 2026, ora 22:56 (ora României).', '2026-10-05T19:56:00Z'],
    ['bg', 'На 5 октомври 2026 г. в 22:56 ч. българско време.', '2026-10-05T19:56:00Z'],
    ['el', 'Στις 5 Οκτωβρίου 2026 στις 22:56 (ώρα Ελλάδας).', '2026-10-05T19:56:00Z'],
    ['ru', '5 октября 2026 г. в 22:56 по московскому времени.', '2026-10-05T19:56:00Z'],
    ['uk', '5 жовтня 2026 року о 22:56 за Києвом.', '2026-10-05T19:56:00Z'],
    ['tr', '5 Ekim 2026 Pazartesi günü saat 22.56 (Türkiye saati).', '2026-10-05T19:56:00Z'],
    ['ar', 'في 5 أكتوبر 2026 الساعة 22:56 بتوقيت الرياض.', '2026-10-05T19:56:00Z'],
    ['ar', 'يوم ٥ أكتوبر ٢٠٢٦ الساعة ٢٢:٥٦ بتوقيت القاهرة', '2026-10-05T19:56:00Z'],
    ['fa', 'دیروز ساعت ۲۲:۵۶ به وقت تهران', '2026-10-05T19:26:00Z'],
    ['he', 'ב-5 באוקטובר 2026 בשעה 22:56 שעון ישראל', '2026-10-05T19:56:00Z'],
    ['ja', '十月五日の夜九時十二分（日本時間）ごろ', '2026-10-05T12:12:00Z'],
    ['ja', '2026年10月5日 午後9時12分 JST', '2026-10-05T12:12:00Z'],
    ['ko', '2026년 10월 5일 오후 9시 12분(한국 시간)', '2026-10-05T12:12:00Z'],
    ['zh', '10月5日晚上20点47分（北京时间）开始', '2026-10-05T12:47:00Z'],
    ['zh', '2026年10月5日 20:47 台灣時間', '2026-10-05T12:47:00Z'],
  ])('in %s: %s', async (_, body, expected) => {
    expect(await eventOf(body)).toBe(expected);
  });
});
