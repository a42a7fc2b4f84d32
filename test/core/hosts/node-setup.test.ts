import { describe, expect, it } from 'vitest';
import { nodeSetup } from '../../../src/core/hosts/node-setup.ts';

describe('the set-up of a node', () => {
  const setup = {
    node: 'helium',
    account: 'exitdesk',
    publicKey: 'ssh-ed25519 AAAA desk',
    sources: ['192.0.2.10', '2001:db8::10'],
  };

  it('restricts the key to the one program, and sudo to that program without arguments', () => {
    const text = nodeSetup(setup).join('\n');
    expect(text).toContain(
      'restrict,command="sudo -n /usr/local/lib/exitdesk/probe",from="192.0.2.10,2001:db8::10" ssh-ed25519 AAAA desk',
    );
    expect(text).toContain('exitdesk ALL=(root) NOPASSWD: /usr/local/lib/exitdesk/probe ""');
  });

  it('leaves the source open where the desk has not stated it', () => {
    expect(nodeSetup({ ...setup, sources: [] }).join('\n')).toContain('probe" ssh-ed25519 AAAA desk');
  });
});
