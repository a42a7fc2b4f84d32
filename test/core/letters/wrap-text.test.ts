import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapText } from '../../../src/core/letters/wrap-text.ts';

const long = 'word '.repeat(30).trim();

test('prose that is too long is filled at 76 characters', () => {
  const lines = wrapText(`${long}\nand more`).trimEnd().split('\n');
  expect(lines.length).toBe(3);
  expect(lines.every((line) => line.length <= 76)).toBe(true);
  expect(lines.join(' ')).toBe(`${long} and more`);
});

test('short lines, indented lines and links stay as they are', () => {
  const link = `https://metrics.example/?${'x'.repeat(90)}`;
  expect(wrapText(`Ada\nAbuse desk\n\n  ${link}\n  two words ${long}`)).toBe(
    `Ada\nAbuse desk\n\n  ${link}\n  two words ${long}\n`,
  );
  expect(wrapText(`See ${link} there`)).toBe(`See\n${link}\nthere\n`);
});

test('a list item goes on under its own text, and its neighbours stay apart', () => {
  const lines = wrapText(`- ${long}\n- short`).trimEnd().split('\n');
  expect(lines[0]).toMatch(/^- word/);
  expect(lines[1]).toMatch(/^ {2}word/);
  expect(lines.at(-1)).toBe('- short');
});

test('holes that a template leaves close: no trailing blanks, never more than one empty line', () => {
  expect(wrapText('\n\na  \n\n\n\nb\r\n\r\nc\n\n')).toBe('a\n\nb\n\nc\n');
});

test('the mark of a list item stays with a word that is longer than a line', () => {
  expect(wrapText(`a\n- ${'x'.repeat(80)}`)).toBe(`a\n- ${'x'.repeat(80)}\n`);
});

test('wrapping twice changes nothing, and loses no word', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'word', 'x'.repeat(80), '- ', '  ', '\n', '\n\n', '> ', ' ')),
      (parts) => {
        const once = wrapText(parts.join(''));
        expect(wrapText(once)).toBe(once);
        expect(once.split(/\s+/).join(' ').trim()).toBe(parts.join('').split(/\s+/).join(' ').trim());
      },
    ),
  );
});
