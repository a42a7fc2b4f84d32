import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { scratchFolder } from './servers.ts';
import type { World } from './world.ts';

/** Debian's vacation(1) answers this mail for somebody who is away, through the world's mail server. */
export function answerAway(world: World, who: string, mail: string): void {
  const scratch = scratchFolder('vacation');
  const [database, message] = [join(scratch.path, 'db'), join(scratch.path, 'note')];
  writeFileSync(message, `From: ${who}\nSubject: Away from my desk\nPrecedence: bulk\n\nI am back in December.\n`);
  const env = { ...process.env, MAIL_CONFIG: world.postfix.configuration };
  const login = userInfo().username;
  spawnSync('vacation', ['-i', '-f', database, login], { env });
  const options = ['-d', '-a', who, '-f', database, '-m', message, login];
  const done = spawnSync('vacation', options, { env, input: mail.replaceAll('\r\n', '\n'), encoding: 'utf8' });
  scratch.remove();
  if (done.status !== 0 || done.stderr !== '') throw new Error(`vacation: ${done.status} ${done.stderr}`);
}
