import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CaseId } from '../../src/core/case.ts';
import { messageIdFor, signCaseAddress, verifyCaseAddress } from '../../src/core/case-address.ts';
import { isPlainAddress } from '../../src/mail/address.ts';

const desk = { addresses: ['abuse@exits.example', 'tor@exits.example'], subaddress: '+' } as const;
const secret = 'a secret of the desk';
const purposes = ['reply', 'bounce', 'copy'] as const;
const case17 = 17 as CaseId;

test('a signed address says its case and purpose, and is an address that mail may go to', () => {
  const address = signCaseAddress(desk, case17, 'reply', secret);
  expect(address).toMatch(/^abuse\+17-r-[a-z2-7]{16}@exits\.example$/);
  expect(isPlainAddress(address)).toBe(true);
  expect(verifyCaseAddress(address, desk, secret)).toEqual({ caseId: 17, purpose: 'reply' });
});

test('every signed address verifies, in any letter case and in angle brackets', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999_999 }), fc.constantFrom(...purposes), (id, purpose) => {
      const address = signCaseAddress(desk, id as CaseId, purpose, secret);
      for (const form of [address, address.toUpperCase(), `<${address}>`])
        expect(verifyCaseAddress(form, desk, secret)).toEqual({ caseId: id, purpose });
    }),
  );
});

test('a change of any character is not believed', () => {
  const address = signCaseAddress(desk, case17, 'reply', secret);
  for (let i = 0; i < address.length; i++) {
    const other = address[i] === '2' ? '3' : '2';
    const changed = `${address.slice(0, i)}${other}${address.slice(i + 1)}`;
    expect(verifyCaseAddress(changed, desk, secret), changed).toBeNull();
  }
});

test('a signature holds for its case, its purpose, its desk address and its secret alone', () => {
  const address = signCaseAddress(desk, case17, 'reply', secret);
  const mac = /r-([a-z2-7]{16})/.exec(address)?.[1];
  for (const forged of [`abuse+18-r-${mac}`, `abuse+17-b-${mac}`, `tor+17-r-${mac}`, `abuse+017-r-${mac}`])
    expect(verifyCaseAddress(`${forged}@exits.example`, desk, secret)).toBeNull();
  expect(verifyCaseAddress(address, desk, 'another secret')).toBeNull();
  expect(verifyCaseAddress(address, { ...desk, addresses: ['abuse@other.example'] }, secret)).toBeNull();
});

test('letters that left before the operator changed the first address or the separator still find their case', () => {
  const address = signCaseAddress({ addresses: ['tor@exits.example'], subaddress: '-' }, case17, 'bounce', secret);
  expect(address).toMatch(/^tor-17-b-/);
  expect(verifyCaseAddress(address, desk, secret)).toEqual({ caseId: 17, purpose: 'bounce' });
});

test('without sub-addresses the plain address stands in, and says nothing', () => {
  const plain = { ...desk, subaddress: null };
  expect(signCaseAddress(plain, case17, 'reply', secret)).toBe('abuse@exits.example');
  expect(verifyCaseAddress('abuse@exits.example', plain, secret)).toBeNull();
});

test('no text makes verifying throw', () => {
  const parts = fc.constantFrom(
    'abuse',
    '+',
    '-',
    '17',
    'r',
    'aaaaaaaaaaaaaaaa',
    '@',
    'exits.example',
    '\u212a',
    'é',
    '<',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((p) => p.join('')),
      ),
      (text) => {
        verifyCaseAddress(text, desk, secret);
      },
    ),
  );
});

test('an action has one Message-ID, another action or another desk another one', () => {
  const id = messageIdFor('letter:17:first:1', secret, 'exits.example');
  expect(id).toMatch(/^<[a-z2-7]{32}@exits\.example>$/);
  expect(messageIdFor('letter:17:first:1', secret, 'exits.example')).toBe(id);
  expect(messageIdFor('letter:17:first:2', secret, 'exits.example')).not.toBe(id);
  expect(messageIdFor('letter:17:first:1', 'another secret', 'exits.example')).not.toBe(id);
});
