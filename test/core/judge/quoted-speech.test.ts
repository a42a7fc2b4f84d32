import { describe, expect, it } from 'vitest';
import { quotedSpeech, saidAfterColon } from '../../../src/core/judge/quoted-speech.ts';

const said = (own: string): string | null => quotedSpeech({ own, forwarded: '' }, (words) => words.includes('casino'));

describe('what somebody else said, as a mail quotes it', () => {
  it.each([
    ['He spams our forum. The last post was “You leave your gate open at night. Lovely kids.”'],
    ['Er schrieb: „Du läufst immer allein über den Friedhof nach Hause.“'],
    ['Il a écrit « Tu devrais fermer les volets de la chambre » hier soir.'],
    ["It says 'people who ask don't stay long in this village' every day."],
    ['書き込みは「夜はいつも窓を開けて寝ているね」でした。'],
  ])('is seen: %s', (own) => {
    expect(said(own)).not.toBeNull();
  });

  it.each([
    ['a short word or two', 'It guessed the "root" and the "admin user" accounts.'],
    [
      'what stands between two quoted words',
      'It was removed from "web". It will stay in the other zone "anon" for now.',
    ],
    ['a log line', 'We saw "Failed password for root from 198.51.100.10 port 40022 ssh2" a thousand times.'],
    ['a request', 'The log says "GET /wp-login.php HTTP/1.1 404 was sent to us" all night.'],
    ['a title', "Spam comments below our play 'A Long Night At The Old Mill' again."],
    [
      "somebody's apostrophes",
      "The users' accounts and our customers' mailboxes are attacked, and the providers' too.",
    ],
    ['what explains itself', 'Every post says "win a fortune in our casino tonight" again and again.'],
    ['the mark of an abbreviation', 'בוט שואב מאתר הנדל"ן שלנו את כל המודעות והמחירים, ואח"כ הן מופיעות אצל אחרים.'],
    ['nothing at all', 'Your machine has been scanning our network since this morning. Please make it stop.'],
  ])('is not %s', (_, own) => {
    expect(said(own)).toBeNull();
  });

  it('is looked for in one pass, however many marks are opened', () => {
    expect(said('“a '.repeat(100_000))).toBeNull();
    expect(said(" 'a".repeat(100_000))).toBeNull();
  });
});

describe('what stands after a colon', () => {
  const after = (own: string) => saidAfterColon({ own, forwarded: '' }, (said) => /password|requests/.test(said));

  it.each([
    ['In the drafts he left one line: the back way out has no lamp.', 'the back way out has no lamp'],
    ['W notatce wpisał: przy furtce nie ma światła wieczorem.', 'przy furtce nie ma światła wieczorem'],
    ['フォームに一行ありました：帰りは裏口からですよね、暗いのに', '帰りは裏口からですよね、暗いのに'],
  ])('is what somebody said: %s', (own, said) => {
    expect(after(own)).toBe(said);
  });

  it.each([
    ['a finding that its words explain', 'This is what we saw: thousands of requests for the admin page.'],
    ['a time', 'It began during the night shift: about half past 23 in our zone.'],
    ['a short answer', 'The attack went on all night: nothing helped.'],
    ['the mail after its greeting', 'Dear all: we write about the hall.'],
  ])('is not %s', (_, own) => {
    expect(after(own)).toBeNull();
  });

  it('is looked for in one pass, however many colons there are', () => {
    expect(after('a: '.repeat(100_000))).toBeNull();
  });
});
