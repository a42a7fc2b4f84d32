import { addressOf, fieldsOf, portOf } from '../fields.ts';
import type { Material } from '../list.ts';
import type { Finding } from '../reading.ts';
import { categoryOfType } from '../report-types.ts';

/**
 * X-ARF v0.1 and v0.2: a YAML part with Reported-From, Report-Type and Source. Read field by field and from any text, because
 * fail2ban's action and careless forwards send it with broken MIME: the part then stands in the body.
 */
export function readXarfYaml(material: Material): Finding | null {
  const reports = material.texts.filter(isReport).map((text) => fieldsOf(text));
  const first = reports[0];
  if (first === undefined) return null;
  const accused = reports.flatMap((fields) => {
    const source = one(fields, 'source');
    const ip = /uri|url/i.test(one(fields, 'source-type') ?? '')
      ? (addressOf(one(fields, 'ip')) ?? addressOf(source))
      : addressOf(source);
    return ip === null ? [] : [{ ip, time: one(fields, 'date') }];
  });
  return {
    format: 'xarf-v02',
    accused,
    time: one(first, 'date'),
    // "Port" is the attacked service's in login attacks; its owner is the reporter.
    destinationPort: portOf(one(first, 'port')),
    protocol: null,
    category: categoryOfType(one(first, 'report-type'), one(first, 'service'), one(first, 'category')),
    automated: true,
  };
}

function isReport(text: string): boolean {
  return (
    /^[>\s]{0,4}Source:/im.test(text) &&
    /^[>\s]{0,4}(?:Reported-From|Schema-URL|Report-Type):/im.test(text) &&
    /^[>\s]{0,4}(?:Category|Report-ID|Report-Type):/im.test(text)
  );
}

function one(fields: ReadonlyMap<string, readonly string[]>, name: string): string | null {
  const value = fields.get(name)?.[0];
  return value === undefined || value === '' ? null : value;
}
