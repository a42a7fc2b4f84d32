import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { scratchFolder } from './servers.ts';

/** An OAuth2 introspection endpoint (RFC 7662) that knows every token beginning with "valid" as this user's, for Dovecot. */
export async function startTokenIssuer(user: string): Promise<{ configuration: string; stop: () => Promise<void> }> {
  const scratch = scratchFolder('oauth');
  const server = createServer((request, response) => {
    let asked = '';
    request.on('data', (chunk: Buffer) => (asked += chunk.toString()));
    request.on('end', () => {
      const active = new URLSearchParams(asked).get('token')?.startsWith('valid') === true;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(active ? { active: 'true', email: user } : { active: 'false' }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const settings = join(scratch.path, 'oauth2.conf');
  writeFileSync(
    settings,
    [
      'introspection_mode = post',
      `introspection_url = http://127.0.0.1:${port}/`,
      'username_attribute = email',
      'active_attribute = active',
      'active_value = true',
      '',
    ].join('\n'),
  );
  return {
    configuration: `
auth_mechanisms = xoauth2
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${settings}
}
`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      scratch.remove();
    },
  };
}
