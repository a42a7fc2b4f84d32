import { addressOf, portOf } from '../fields.ts';
import type { Material } from '../list.ts';
import type { Finding } from '../reading.ts';

/**
 * ACNS (Automated Copyright Notice System) XML: <Infringement> with <Source><TimeStamp>, <IP_Address>, <Port>. It stands in the
 * clear-signed body or in an attachment, often cut or with stray characters, so the few elements are taken one by one.
 */
export function readAcns(material: Material): Finding | null {
  const texts = material.texts.filter((t) => /<(?:\w{1,20}:)?Infringement[\s>]/.test(t) && /IP_?Address/i.test(t));
  const sources = texts.flatMap((text) => sourcesIn(text));
  const first = sources[0];
  if (first === undefined) return null;
  return {
    format: 'acns',
    accused: sources.map(({ ip, time }) => ({ ip, time })),
    time: first.time,
    sourcePort: first.port,
    category: 'copyright',
    automated: true,
  };
}

function sourcesIn(text: string) {
  const blocks = text
    .slice(0, 2_000_000)
    .split(/<(?:\w{1,20}:)?Source>/)
    .slice(1, 2000);
  return blocks.flatMap((block) => {
    const source = block.slice(0, 2000);
    const ip = addressOf(valueOf(address, source));
    return ip === null ? [] : [{ ip, time: valueOf(timeStamp, source), port: portOf(valueOf(port, source)) }];
  });
}

const address = /<(?:\w{1,20}:)?IP_?Address(?:\s[^>]{0,100})?>([^<]{1,200})</i;
const timeStamp = /<(?:\w{1,20}:)?TimeStamp(?:\s[^>]{0,100})?>([^<]{1,200})</i;
const port = /<(?:\w{1,20}:)?Port(?:\s[^>]{0,100})?>([^<]{1,200})</i;

function valueOf(element: RegExp, text: string): string | null {
  return element.exec(text)?.[1]?.trim() ?? null;
}
