import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerSubject, bareSubject, withTicketToken } from '../../../src/core/letters/subject.ts';

test.each([
  ['Abuse from 198.51.100.10', 'Abuse from 198.51.100.10'],
  ['Re: RE: re[2]: Abuse [ref:_00D.500:ref]', 'Abuse [ref:_00D.500:ref]'],
  ['Abuse [#4711] [EX-17]', 'Abuse [#4711]'],
  ['Abuse [EX-99] and [ex-17]', 'Abuse and'], // another case's token would lead the answer there
  ['Abuse [EX\u200b-99]', 'Abuse'],
  ['Regarding you', 'Regarding you'],
  ['Re:', ''],
  ['', ''],
  ['a\r\nBcc: x@y.example', 'a Bcc: x@y.example'],
])('%j is repeated as %j', (subject, bare) => {
  expect(bareSubject(subject, '[EX-17]')).toBe(bare);
});

test('the token of the case stands in the subject exactly once, whatever was there', () => {
  const parts = fc.constantFrom(
    '[EX-17]',
    '[EX-1]',
    '[ex-17]',
    'Re: ',
    ' ',
    'x'.repeat(90),
    '[#1]',
    '\r\n',
    '😀',
    '[EX-',
    '17]',
    '\u200b',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), (subject) => {
      const line = answerSubject(subject.join(''), '[EX-17]');
      expect(line.match(/\[EX-\d+\]/gi)).toEqual(['[EX-17]']);
      expect(line.endsWith('[EX-17]')).toBe(true);
      expect(line).not.toMatch(/[\r\n]/);
    }),
  );
});

test('a provider’s ticket token is kept as written, added where it is missing, and never cut', () => {
  const ticket = '[AbuseID:1A2B:3C]';
  expect(withTicketToken('Abuse [AbuseID:1A2B:3C]', ticket)).toBe('Abuse [AbuseID:1A2B:3C]');
  expect(withTicketToken('Abuse', ticket)).toBe('Abuse [AbuseID:1A2B:3C]');
  expect(withTicketToken('Abuse', null)).toBe('Abuse');
  const long = withTicketToken(bareSubject('x'.repeat(500), '[EX-17]'), ticket);
  expect(answerSubject(`Re: ${long}`, '[EX-17]').endsWith(`… ${ticket} [EX-17]`)).toBe(true);
});
