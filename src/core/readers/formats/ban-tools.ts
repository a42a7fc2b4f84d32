import { addressOf } from '../fields.ts';
import type { Material } from '../list.ts';
import type { Finding } from '../reading.ts';
import { categoryOfType } from '../report-types.ts';

/** fail2ban's own mails (a person who mentions it writes no report): its subject, its sentence, or "Lines containing failures of …". */
export function readFail2ban(material: Material): Finding | null {
  const text = `${material.mail.subject}\n${material.body}`;
  const isOwn =
    /^\s*\[fail2ban\]/i.test(material.mail.subject) ||
    /Lines containing (?:failures of|IP)|(?:been banned|generated|sent|created) by fail2ban/i.test(text);
  if (!isOwn) return null;
  const ip =
    addressOf(
      /(?:The IP|ban the IP|banned(?: the)? (?:IP|host)?|Lines containing failures of|Lines containing IP:?)\s{1,3}([\da-f][\da-f.:[\]]{6,44})/i.exec(
        text,
      )?.[1],
    ) ?? addressOf(/\[[\w-]{2,30}\] (?:Ban|Found) ([\da-f][\da-f.:]{6,44})/i.exec(text)?.[1]);
  const jail =
    /\b(?:jail|against|service) ["'“]?([\w-]{2,30})/i.exec(text)?.[1] ??
    /\[([\w-]{2,30})\] (?:Ban|Found) /.exec(text)?.[1];
  return {
    format: 'fail2ban',
    accused: ip === null ? [] : [{ ip, time: null }],
    time: null,
    category: categoryOfType(jail),
    automated: true,
  };
}

/** ConfigServer Firewall's lfd: "lfd on host: blocked …" with Time, IP, Failures, Interval and Blocked lines. */
export function readLfd(material: Material): Finding | null {
  const text = material.body;
  const isLfd =
    /^lfd on |: blocked \S+ \(/i.test(material.mail.subject) ||
    /^\s{0,3}Blocked:\s{1,12}(?:Permanent|Temporary) Block/im.test(text);
  const ip = addressOf(/^\s{0,3}IP:\s{1,12}(\S{3,60})/im.exec(text)?.[1]);
  if (!isLfd || ip === null) return null;
  return {
    format: 'csf-lfd',
    accused: [{ ip, time: null }],
    time: null,
    category: categoryOfType(/^\s{0,3}Failures:\s{1,12}\d{1,9} \(([\w-]{2,30})\)/im.exec(text)?.[1]),
    automated: true,
  };
}
