import { expect, test } from 'vitest';
import { nearestName } from '../../src/core/nearest-name.ts';

test.each([
  ['adresses', 'addresses'],
  ['nmae', 'name'],
  ['Nodes', 'nodes'],
  ['transprt', 'transport'],
  ['colour', null],
  ['', null],
])('%j probably meant %j', (written, meant) => {
  expect(nearestName(written, ['addresses', 'name', 'nodes', 'transport'])).toBe(meant);
});
