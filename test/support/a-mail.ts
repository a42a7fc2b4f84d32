import type { Mail } from '../../src/core/mail.ts';

/** A plain mail from Ann to the desk, with whatever a test changes. */
export function aMail(changes: Partial<Mail> = {}): Mail {
  return {
    messageId: '<1.ann@shop.example>',
    inReplyTo: [],
    references: [],
    from: [{ address: 'ann@shop.example', name: 'Ann Ames' }],
    replyTo: [],
    to: [{ address: 'abuse@exits.example', name: null }],
    cc: [],
    returnPath: 'ann@shop.example',
    date: { at: Date.UTC(2026, 10, 3, 8, 12), offsetMinutes: 60 },
    subject: 'Scans from your network',
    headers: [],
    contentType: 'text/plain',
    reportType: null,
    text: '',
    html: null,
    attachments: [],
    size: 1000,
    truncated: false,
    encrypted: false,
    defects: [],
    ...changes,
  };
}
