/** Raw mails for tests: header lines and a body, CRLF line ends. */
export function rawMail(headers: readonly string[], body = ''): Buffer {
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body.replace(/\r?\n/g, '\r\n')}`);
}

export type MailPart = { readonly headers: readonly string[]; readonly body: string | Buffer };

/** A multipart mail; `type` is for example "mixed" or "report; report-type=feedback-report". */
export function multipartMail(headers: readonly string[], type: string, parts: readonly MailPart[]): Buffer {
  const boundary = 'part-of-this-mail';
  const chunks = parts.flatMap(({ headers, body }) => [
    Buffer.from(`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`),
    typeof body === 'string' ? Buffer.from(body.replace(/\r?\n/g, '\r\n')) : body,
    Buffer.from('\r\n'),
  ]);
  const head = [...headers, 'MIME-Version: 1.0', `Content-Type: multipart/${type}; boundary="${boundary}"`];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...chunks, Buffer.from(`--${boundary}--\r\n`)]);
}

export const plainHeaders = [
  'From: Ann Ames <ann@shop.example>',
  'To: abuse@exits.example',
  'Subject: Scans from your network',
  'Date: Tue, 3 Nov 2026 09:12:00 +0100',
  'Message-ID: <1.ann@shop.example>',
] as const;

/** A base64 part body in lines of 76 characters. */
export function base64Lines(content: string | Buffer): string {
  return (
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\n');
}
