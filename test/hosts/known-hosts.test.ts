import { describe, expect, it } from 'vitest';
import { readKnownHosts } from '../../src/hosts/known-hosts.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHost';
const other = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB';

describe('a known_hosts file', () => {
  it.each<readonly [line: string, host: string, port: number, pins: boolean]>([
    [`helium.exits.example ${key}`, 'helium.exits.example', 22, true],
    [`helium.exits.example,198.51.100.10 ${key} comment`, '198.51.100.10', 22, true],
    [`helium.exits.example ${key}`, 'helium.exits.example', 2222, false],
    [`[helium.exits.example]:2222 ${key}`, 'helium.exits.example', 2222, true],
    [`[2001:db8::10]:2222 ${key}`, '2001:db8::10', 2222, true],
    [`*.exits.example ${key}`, 'helium.exits.example', 22, true],
    [`*.exits.example,!helium.exits.example ${key}`, 'helium.exits.example', 22, false],
    [`HELIUM.exits.example ${key}`, 'Helium.Exits.example', 22, true],
    [`helium-exits-example ${key}`, 'helium.exits.example', 22, false],
    [`# helium.exits.example ${key}`, 'helium.exits.example', 22, false],
    [`@cert-authority helium.exits.example ${key}`, 'helium.exits.example', 22, false],
    ['helium.exits.example', 'helium.exits.example', 22, false],
    [`|2|AAAA|BBBB ${key}`, 'helium.exits.example', 22, false],
  ])('"%s" pins a key of %s port %i: %s', (line, host, port, pins) => {
    expect(readKnownHosts(`${line}\n`, host, port)).toEqual({ keys: pins ? [key] : [], revoked: [] });
  });

  it('keeps revoked keys apart from pinned ones', () => {
    const text = `helium.exits.example ${key}\r\n@revoked * ${other}\r\n`;
    expect(readKnownHosts(text, 'helium.exits.example', 22)).toEqual({ keys: [key], revoked: [other] });
  });
});
