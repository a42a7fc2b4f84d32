/** Addresses at which nobody reads, by their local part alone (RFC 2142 §6, RFC 3834 §2). */

const bounce =
  /^(?:mailer-daemon|postmaster|bounces?)(?:[+=-]|$)|^owner-|-(?:bounces?|owner|request|errors)(?:[+=-]|$)/;

const unread =
  /^(?:no|do-?not|dont|not|nao|ne-pas|non|nicht)[-_.]?(?:reply|respond|antworten|responder|repondre|rispondere|response|answer|replies)|noreply|no[-_.]reply|donotreply|^(?:niet|ikke|inte)[-_.]?(?:beantwoorden|svar|besvara)/;

/** Where delivery reports and the commands of lists go: never an answer. */
export function isBounceAddress(address: string): boolean {
  return bounce.test(localPart(address));
}

/** The address itself says that it is not read. */
export function isUnreadByName(address: string): boolean {
  return unread.test(localPart(address));
}

function localPart(address: string): string {
  return address.slice(0, Math.max(0, address.lastIndexOf('@'))).toLowerCase();
}
