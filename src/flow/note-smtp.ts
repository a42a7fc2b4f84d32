import type { App } from '../app.ts';
import type { SendResult } from '../mail/send.ts';
import { beat, missBeat } from '../store/pulse.ts';

/** The state of SMTP itself, for `health` and the alert about it. A refused or greylisted letter is no trouble of SMTP. */
export function noteSmtp(app: App, result: SendResult): void {
  const answered = result.result === 'temporary' && result.answered;
  if (answered || result.result === 'accepted' || result.result === 'permanent') {
    beat(app.db, 'smtp', app.now());
    return;
  }
  missBeat(app.db, 'smtp', app.now(), result.result);
  app.log.warn('smtp-failed', { result: result.result });
}
