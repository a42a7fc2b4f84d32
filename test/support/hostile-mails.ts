import { gzipSync } from 'node:zlib';
import { base64Lines, multipartMail, plainHeaders, rawMail, type MailPart } from './raw-mail.ts';
import { zip } from './zip.ts';

/** Mails of about so many bytes, of one thing over and over: what a reader that looks back or ahead too far cannot bear. */
export const hostileMails: Readonly<Record<string, (bytes: number) => Buffer>> = {
  'one word': (bytes) => text('a', bytes),
  'one line of words': (bytes) => text('somebody tells again and again of it ', bytes),
  prose: (bytes) => text('Somebody writes a long and winding complaint, again and again.\n', bytes),
  'short paragraphs': (bytes) => text('He said it. I know where you live.\n\n', bytes),
  spaces: (bytes) => text(' ', bytes),
  tabs: (bytes) => text('\t', bytes),
  'lines of spaces': (bytes) => text(`${' '.repeat(900)}x\n`, bytes),
  'blank lines': (bytes) => text('\n', bytes),
  digits: (bytes) => text('1', bytes),
  'digits and dots': (bytes) => text('1.', bytes),
  dots: (bytes) => text('.', bytes),
  'leaders of dots': (bytes) => text(`Source${'.'.repeat(300)}x: y\n`, bytes),
  colons: (bytes) => text(':', bytes),
  'hexadecimal and colons': (bytes) => text('2001:db8:', bytes),
  brackets: (bytes) => text('[', bytes),
  'round brackets': (bytes) => text('(', bytes),
  'angle brackets': (bytes) => text('<', bytes),
  'quotation marks': (bytes) => text('"', bytes),
  'quotations never closed': (bytes) => text('“‘«you know it ', bytes),
  'signs of encoded words': (bytes) => text('=?', bytes),
  'dashes and words': (bytes) => text('a-', bytes),
  'at signs': (bytes) => text('a@', bytes),
  'mail addresses': (bytes) => text('ann@shop.example, ', bytes),
  links: (bytes) => text('hxxps://www[.]shop[.]example/a?b=198.51.100.7 ', bytes),
  addresses: (bytes) => lines((i) => `${ipOf(i)}\n`, bytes),
  'addresses in one line': (bytes) => lines((i) => `${ipOf(i)} `, bytes),
  'addresses of ours': (bytes) => lines((i) => `attack from 198.51.100.10 on ${ipOf(i)}\n`, bytes),
  'defanged addresses': (bytes) => lines((i) => `${ipOf(i).replaceAll('.', '[.]')}, `, bytes),
  'long addresses': (bytes) => lines((i) => `2001:db8:${(i % 65536).toString(16)}::${(i >> 4).toString(16)}\n`, bytes),
  'labelled addresses': (bytes) => lines((i) => `Source IP: ${ipOf(i)}\nTime: 2026-11-03 09:12:00\n`, bytes),
  'log lines': (bytes) => lines((i) => `Nov  3 09:${pad(i)}:00 h sshd[${i}]: Failed password from ${ipOf(i)} port 22\n`, bytes),
  'web log lines': (bytes) => lines((i) => `${ipOf(i)} - - [03/Nov/2026:09:${pad(i)}:00 +0000] "GET /?q=${i} HTTP/1.1" 200 17\n`, bytes),
  'packets in one line': (bytes) => lines((i) => `SRC=${ipOf(i)} DST=203.0.113.9 PROTO=TCP `, bytes),
  times: (bytes) => lines((i) => `2026-11-03T09:${pad(i)}:00Z 3 Nov 2026 9:${pad(i)} am CET\n`, bytes),
  'whole complaints': (bytes) => lines((i) => `Hello,\n\nscans came from ${ipOf(i)} at 2026-11-03 09:12 UTC.\n\nBest regards,\nAnn Ames\n-- \nThe shop\n\n`, bytes),
  'threats': (bytes) => text('He says that he will kill me, and he knows where I live.\n', bytes),
  'contacts to write to': (bytes) => lines((i) => `Please write to ann${i}@shop.example, this mailbox is not read.\n`, bytes),
  'tickets and deadlines': (bytes) => lines((i) => `Ticket [#2026${i}] must be answered within 24 hours: https://isp.example/form/${i}\n`, bytes),
  'fields of a report': (bytes) => lines((i) => `Reported-From: ann@shop.example\nCategory: abuse\nSource: ${ipOf(i)}\nDate: Tue, 3 Nov 2026 09:12:00 +0100\n\n`, bytes),
  quotes: (bytes) => text('> On 3 Nov 2026 at 09:12, Ann <a@b.example> wrote:\n', bytes),
  'quote marks': (bytes) => text('>', bytes),
  'quote marks and spaces': (bytes) => text('> ', bytes),
  'quotes ever deeper': (bytes) => lines((i) => `${'>'.repeat(i % 400)} well\n`, bytes),
  heads: (bytes) => text('Von: a@b.example\nGesendet: heute\nAn: c@d.example\nBetreff: x\n\n', bytes),
  'field names in one line': (bytes) => text('From: ', bytes),
  'lines between messages': (bytes) => text('-----Original Message-----\n', bytes),
  signatures: (bytes) => text('-- \nAnn Ames\n', bytes),
  greetings: (bytes) => text('Best regards,\nAnn Ames\n\n', bytes),
  pairs: (bytes) => text('Key: value\n', bytes),
  'rows of a table': (bytes) => lines((i) => `| ${ipOf(i)} | 22 | ssh | 2026-11-03 |\n`, bytes),
  'rows with tabs': (bytes) => lines((i) => `${ipOf(i)}\t22\tssh\t2026-11-03 09:12:00\n`, bytes),
  commas: (bytes) => text('a,b;', bytes),
  'braces of JSON': (bytes) => text('{"a":', bytes),
  'elements of XML': (bytes) => text('<Infringement><Source><IP_Address>198.51.100.7</IP_Address></Source>', bytes),
  'boundary lines': (bytes) => text('--boundary\nContent-Type: text/plain\n\nx\n', bytes),
  'lines of base64': (bytes) => text(`${'QUJD'.repeat(18)}\n`, bytes),
  'armour of PGP': (bytes) => text('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n-----BEGIN PGP SIGNATURE-----\n', bytes),
  'template signs': (bytes) => text('{{a}} ${b} <% c %> $(d ', bytes),
  ideographs: (bytes) => text('攻撃元のアドレス：', Math.floor(bytes / 3), ['Content-Type: text/plain; charset=utf-8']),
  'Arabic words': (bytes) => text('أعرف أين تسكن ', Math.floor(bytes / 2), ['Content-Type: text/plain; charset=utf-8']),
  'combining marks': (bytes) => text('\u0301', Math.floor(bytes / 2), ['Content-Type: text/plain; charset=utf-8']),
  'quoted-printable': (bytes) => text('=C3=BC', bytes, ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: quoted-printable']),
  'flowed lines': (bytes) => text('> flows \n', bytes, ['Content-Type: text/plain; format=flowed; delsp=yes']),
  'Japanese escapes': (bytes) => text('\x1b(B\x1b$B', bytes, ['Content-Type: text/plain; charset=iso-2022-jp']),
  'a long subject': (bytes) => rawMail([...plainHeaders, `X-Long: ${'=?utf-8?q?a?= '.repeat(bytes / 15)}`], 'x'),
  'many headers': (bytes) => rawMail([...plainHeaders, ...filled('Received: from a by b; Tue, 3 Nov 2026 09:12:00 +0100', bytes, 56)], 'x'),
  'many recipients': (bytes) => rawMail([...plainHeaders, `Cc: ${'Ann <ann@shop.example>, '.repeat(bytes / 24)}b@c.example`], 'x'),
  'one long folded header': (bytes) => rawMail([...plainHeaders, `References:${'\r\n <1@b.example>'.repeat(bytes / 16)}`], 'x'),
  'an HTML table': (bytes) => html(`<table>${'<tr><td>198.51.100.1</td><td>22</td><td>x</td></tr>'.repeat(bytes / 52)}</table>`),
  'nested tables': (bytes) => html('<table><tr><td>'.repeat(bytes / 15)),
  'nested quotes of HTML': (bytes) => html('<blockquote>On 3 Nov, Ann wrote:<br>'.repeat(bytes / 37)),
  'nested bold': (bytes) => html('<b>'.repeat(bytes / 3)),
  'hidden elements': (bytes) => html('<div style="display:none">x</div>'.repeat(bytes / 32)),
  'rules of a style sheet': (bytes) => html(`<style>${'.a .b{display:none}'.repeat(bytes / 19)}</style>x`),
  'classes to look up': (bytes) => html(`<style>.x{display:none}</style>${'<p class="a b c x">y'.repeat(bytes / 20)}`),
  'attributes never closed': (bytes) => html('<a href="'.repeat(bytes / 9)),
  'attributes in one tag': (bytes) => html(`<a ${'b=c '.repeat(bytes / 4)}>`),
  'comments never closed': (bytes) => html('<!--'.repeat(bytes / 4)),
  'entities': (bytes) => html('&#x31;&amp;&nosuch '.repeat(bytes / 19)),
  'links of HTML': (bytes) => html('<a href="https://198.51.100.7/x">here</a> '.repeat(bytes / 42)),
  'a text and its HTML': (bytes) => multipartMail(plainHeaders, 'alternative', [
    { headers: ['Content-Type: text/plain'], body: 'Somebody at 198.51.100.7 attacks us.\n'.repeat(bytes / 90) },
    { headers: ['Content-Type: text/html'], body: '<p>Somebody else at 203.0.113.7 does.</p>'.repeat(bytes / 90) },
  ]),
  'many parts': (bytes) => multipartMail(plainHeaders, 'mixed', filled({ headers: ['Content-Type: text/plain'], body: 'Look.' }, bytes, 60)),
  'many attachments': (bytes) => multipartMail(plainHeaders, 'mixed', filled({ headers: ['Content-Type: text/plain', 'Content-Disposition: attachment; filename=a.log'], body: 'sshd[1]: from 198.51.100.7' }, bytes, 140)),
  'nested parts': (bytes) => rawMail([...plainHeaders, 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="0"'], nested(bytes)),
  'mails in mails': (bytes) => rawMail([...plainHeaders, 'Content-Type: message/rfc822'], 'Content-Type: message/rfc822\n\n'.repeat(bytes / 31)),
  'a CSV attachment': (bytes) => attached('text/csv', 'hits.csv', `ip,time,port\n${counted((i) => `${ipOf(i)},2026-11-03 09:12:00,22\n`, bytes * 0.7)}`),
  'a JSON attachment': (bytes) => attached('application/json', 'x.json', `[${counted((i) => `{"source_ip":"${ipOf(i)}","time":"2026-11-03T09:12:00Z"},`, bytes * 0.7)}{}]`),
  'a deep JSON attachment': (bytes) => attached('application/json', 'x.json', '['.repeat(bytes * 0.7)),
  'a YAML attachment': (bytes) => attached('text/plain', 'xarf.yaml', `---\n${counted((i) => `Key-${i}: value ${i}\n`, bytes * 0.7)}`),
  'an XML attachment': (bytes) => attached('text/xml', 'x.xml', `<a>${counted((i) => `<Source><IP_Address>${ipOf(i)}</IP_Address></Source>`, bytes * 0.7)}</a>`),
  'a zipped CSV': (bytes) => attached('application/zip', 'hits.zip', zip([{ name: 'hits.csv', content: Buffer.from(counted((i) => `${ipOf(i)},2026-11-03 09:12:00,${i}\n`, bytes * 2)) }])),
  'a packed log of 20 times the size': (bytes) => attached('application/gzip', 'auth.log.gz', gzipSync('sshd[1]: Failed password from 198.51.100.7\n'.repeat(bytes / 3))),
  'a picture': (bytes) => attached('image/png', 'x.png', Buffer.alloc(bytes * 0.7, 7)),
  'a delivery report': (bytes) => multipartMail(plainHeaders, 'report; report-type=delivery-status', [
    { headers: ['Content-Type: message/delivery-status'], body: 'Final-Recipient: rfc822; a@b.example\nStatus: 5.1.1\n\n'.repeat(bytes / 54) },
  ]),
}; // prettier-ignore

function text(unit: string, bytes: number, headers: readonly string[] = []): Buffer {
  return rawMail([...plainHeaders, ...headers], unit.repeat(Math.ceil(bytes / unit.length))).subarray(0, bytes);
}

function lines(unit: (index: number) => string, bytes: number): Buffer {
  return rawMail(plainHeaders, counted(unit, bytes)).subarray(0, bytes);
}

function html(page: string): Buffer {
  return rawMail([...plainHeaders, 'Content-Type: text/html; charset=utf-8'], page);
}

function attached(type: string, name: string, content: string | Buffer): Buffer {
  return multipartMail(plainHeaders, 'mixed', [
    { headers: ['Content-Type: text/plain'], body: 'See the attachment about 198.51.100.10.' },
    {
      headers: [
        `Content-Type: ${type}`,
        `Content-Disposition: attachment; filename="${name}"`,
        'Content-Transfer-Encoding: base64',
      ],
      body: base64Lines(content),
    },
  ]);
}

function counted(unit: (index: number) => string, bytes: number): string {
  const units: string[] = [];
  for (let length = 0; length < bytes; length += units.at(-1)?.length ?? bytes) units.push(unit(units.length));
  return units.join('');
}

function filled<T extends string | MailPart>(item: T, bytes: number, size: number): T[] {
  return Array.from({ length: Math.ceil(bytes / size) }, () => item);
}

function nested(bytes: number): string {
  return counted((i) => `--${i}\nContent-Type: multipart/mixed; boundary="${i + 1}"\n\n`, bytes);
}

/** 16 million different addresses. */
function ipOf(index: number): string {
  return `11.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}

function pad(index: number): string {
  return String(index % 60).padStart(2, '0');
}
