import { provideServers } from './support/packages.ts';

/** Once before the tiers that use real servers: installs what is missing, or says in one line what will be skipped. */
export function setup(): void {
  if (process.env['EXITDESK_SERVERS_PROVIDED'] === '1') return;
  process.env['EXITDESK_SERVERS_PROVIDED'] = '1';
  const line = provideServers();
  if (line !== null) process.stderr.write(`${line}\n`);
}
