import type { Category } from '../judgement.ts';

/** Words in a report's own type field ("login-attack", "LoginAttack", "Copyright", "port_scan") and what they mean here. */
const meanings: readonly (readonly [RegExp, Category])[] = [
  [/child|csam|csem/, 'child-abuse'],
  [/terror/, 'terrorism'],
  [/login|brute|ssh|auth-?failure|password|credential|ftp|imap|smtp-?auth|sip|telnet|rdp/, 'login-attack'],
  [/copyright|infring|p2p|dmca|trademark|cyberlocker|piracy/, 'copyright'],
  [/phish/, 'phishing'],
  [/ddos|\bdos\b|flood|amplif/, 'dos'],
  [/scan|probe|recon/, 'scan'],
  [/comment|forum|reg-?bot|guestbook/, 'comment-spam'],
  [/scrap|crawler|bad-?bot|harvest/, 'scraping'],
  [/spam|bulk|messaging|abuse-mail|not-spam/, 'spam'],
  [/sql|xss|web-?attack|exploit|injection|apache|wordpress|hack|attack/, 'web-attack'],
  [/malware|botnet|infected|virus|rpz|c2|compromis/, 'malware'],
  [/fraud|carding/, 'fraud'],
  [/harass/, 'harassment'],
  [/blocklist|blacklist|reputation/, 'blocklist-notice'],
];

/** The category that a report states by itself, null where its word is unknown. */
export function categoryOfType(...words: readonly (string | null | undefined)[]): Category | null {
  for (const word of words) {
    const text = (word ?? '')
      .replace(/([a-z])([A-Z])/g, '$1-$2')
      .toLowerCase()
      .replaceAll('_', '-');
    const found = text === '' ? undefined : meanings.find(([pattern]) => pattern.test(text));
    if (found !== undefined) return found[1];
  }
  return null;
}
