import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { nodeSetup } from '../../../src/core/hosts/node-setup.ts';

describe('the set-up of a node', () => {
  const setup = {
    node: 'helium',
    account: 'exitdesk',
    publicKey: 'ssh-ed25519 AAAA desk',
    sources: ['192.0.2.10', '2001:db8::10'],
    script: '#!/bin/sh\necho "$1" \'END\'\n',
  };
  const text = nodeSetup(setup).join('\n');

  it('restricts the key to the one program, and sudo to that program without arguments', () => {
    expect(text).toContain(
      '\nrestrict,command="sudo -n /usr/local/lib/exitdesk/probe",from="192.0.2.10,2001:db8::10" ssh-ed25519 AAAA desk\n',
    );
    expect(text).toContain('\nexitdesk ALL=(root) NOPASSWD: /usr/local/lib/exitdesk/probe ""\n');
  });

  it('carries the program as it is', () => {
    expect(text).toContain("<<'END-OF-EXITDESK-PROBE'\n#!/bin/sh\necho \"$1\" 'END'\nEND-OF-EXITDESK-PROBE\n");
  });

  it('is a script that a shell can read', () => {
    expect(spawnSync('sh', ['-n'], { input: `${text}\n`, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('leaves the source open where the desk has not stated it', () => {
    expect(nodeSetup({ ...setup, sources: [] }).join('\n')).toContain('probe" ssh-ed25519 AAAA desk');
  });
});
