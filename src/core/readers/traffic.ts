import type { Flow, Traffic } from '../judgement.ts';
import type { Clue } from './clues.ts';
import type { Labels, TrafficLabel } from './labels.ts';
import { wordsOf } from './labels.ts';
import type { Unit } from './material.ts';
import type { Finding } from './reading.ts';
import { cellsOf } from './table.ts';
import type { LineFlow } from './traffic-line.ts';
import { flowOfLine, portOfText, protocolOf } from './traffic-line.ts';

const maxLines = 2000;
const maxFlows = 50;

export type TrafficSources = {
  readonly finding: Finding | null;
  readonly units: readonly Unit[];
  readonly clues: readonly Clue[];
  readonly accused: readonly string[];
};

/**
 * What the complaint shows of the traffic: a report's own fields, labelled lines, rows of tables, and the lines of logs that
 * name an accused address. Null where it shows none. What is not read leaves `whole` false: it is never guessed.
 */
export function trafficIn({ finding, units, clues, accused }: TrafficSources, labels: Labels): Traffic | null {
  const lines = accusedLines(clues, accused);
  const read = lines.slice(0, maxLines).map((line) => ({ ...line, flow: flowAt(line, labels) }));
  const fromLines = read.flatMap(({ flow }) => flow ?? []);
  const fields = [...fieldFlows(finding), ...labelledFlows(units, labels)];
  const flows = distinct([...fields, ...fromLines.map(({ flow }) => flow)]);
  if (flows.length === 0) return null;
  const silent = read.some(({ flow, text }) => flow === null && isLog(text));
  return {
    flows: flows.slice(0, maxFlows),
    whole: !silent && lines.length <= maxLines && flows.length <= maxFlows,
    synOnly: fromLines.length > 0 && !silent && fromLines.every((f) => f.isSyn),
  };
}

type AccusedLine = { readonly text: string; readonly ip: string; readonly clue: Clue };

/** Every line that names an accused address, once. */
function accusedLines(clues: readonly Clue[], accused: readonly string[]): readonly AccusedLine[] {
  const wanted = new Set(accused);
  const seen = new Map<Unit, Set<number>>();
  const lines: AccusedLine[] = [];
  for (const clue of clues) {
    const { unit, line, ip } = clue;
    if (!wanted.has(ip) || unit.isOurLetter || unit.place === 'subject' || unit.place === 'hidden') continue;
    const known = seen.get(unit) ?? new Set<number>();
    if (known.has(line)) continue;
    seen.set(unit, known.add(line));
    lines.push({ text: unit.lines[line] ?? '', ip, clue });
  }
  return lines;
}

function flowAt({ text, ip, clue }: AccusedLine, labels: Labels): LineFlow | null {
  return flowOfLine(text, ip) ?? (clue.table === null ? null : flowOfRow(text, clue.table, labels));
}

/** A row of a table whose columns name the destination's port or the protocol. */
function flowOfRow(text: string, table: NonNullable<Clue['table']>, labels: Labels): LineFlow | null {
  const cells = cellsOf(text, table.separator);
  if (cells.length !== table.names.length) return null;
  const cell = (kind: TrafficLabel) => cells[table.names.findIndex((name) => labelOf(labels, name) === kind)]?.text;
  const protocol = protocolOf(cell('protocol'));
  const port = protocol === 'icmp' ? null : portOfText(cell('destination-port'));
  if (protocol === null && port === null) return null;
  return { flow: { protocol, port, address: null, stated: true }, isSyn: false };
}

/** What a label or column name says; the longest words at its end that are known decide ("report source port"). */
function labelOf(labels: Labels, name: string): TrafficLabel | null {
  const words = wordsOf(name).slice(-5);
  for (let i = 0; i < words.length; i++) {
    const kind = labels.traffic.get(words.slice(i).join(' '));
    if (kind !== undefined) return kind;
  }
  return null;
}

function fieldFlows(finding: Finding | null): readonly Flow[] {
  const protocol = protocolOf(finding?.protocol);
  const port = protocol === 'icmp' ? null : (finding?.destinationPort ?? null);
  return protocol === null && port === null ? [] : [{ protocol, port, address: null, stated: true }];
}

/** "Destination port: 22", "Protocol: UDP" on lines of their own. A bare "Port:" may be either side's, and is no statement. */
function labelledFlows(units: readonly Unit[], labels: Labels): readonly Flow[] {
  const protocols = new Set<Flow['protocol']>();
  const ports = new Map<number, boolean>();
  for (const unit of units) {
    if (unit.isOurLetter || unit.place === 'headers' || unit.place === 'hidden' || unit.place === 'subject') continue;
    for (const line of unit.lines.slice(0, maxLines)) {
      const found = /^[\s>*•|#-]{0,8}(\p{L}[^:=]{2,60}?)\s{0,12}[:=]\s{0,12}([\da-z].{0,60})$/iu.exec(line);
      const kind = found === null ? null : labelOf(labels, found[1] ?? '');
      if (kind === null || kind === 'source-port') continue;
      const value = found?.[2] ?? '';
      const named = protocolOf(/\b(tcp|udp|icmp)/i.exec(value)?.[1]);
      if (named !== null) protocols.add(named);
      if (kind === 'protocol') continue;
      for (const port of portsIn(value)) ports.set(port, kind === 'destination-port' || ports.get(port) === true);
    }
  }
  const [only] = protocols;
  const protocol = protocols.size === 1 ? (only ?? null) : null;
  if (ports.size === 0) return protocol === null ? [] : [{ protocol, port: null, address: null, stated: true }];
  if (protocol === 'icmp') return [{ protocol, port: null, address: null, stated: true }];
  return [...ports].map(([port, stated]) => ({ protocol, port, address: null, stated }));
}

/** "22", "22, 80 and 443", "22/tcp"; a range is none of these. */
function portsIn(value: string): readonly number[] {
  const list = /^\d{1,5}(?:\s{0,2}[,;]\s{0,2}\d{1,5}){0,20}(?![\d.:-])/.exec(value)?.[0] ?? '';
  return list.split(/[,;\s]+/).flatMap((text) => portOfText(text) ?? []);
}

function distinct(flows: readonly Flow[]): readonly Flow[] {
  const known = new Map<string, Flow>();
  for (const flow of flows) {
    const key = `${flow.protocol ?? ''} ${flow.port ?? ''} ${flow.address ?? ''}`;
    if (known.get(key)?.stated !== true) known.set(key, flow);
  }
  return [...known.values()];
}

/** A line that a machine wrote: it has a clock time, and begins with it or is no sentence (three words in a row). */
function isLog(text: string): boolean {
  if (!/\d{1,2}:\d{2}:\d{2}/.test(text)) return false;
  const begins =
    /^[>\s"'[(|*-]{0,8}(?:\p{L}{3},?\s)?(?:\d{4}-\d|\d{1,2}[:/.-]|\p{L}{3}\s{1,2}\d{1,2}\s|1[4-9]\d{8})/u.test(text);
  return begins || !/(?<!\p{L})\p{L}{2,30}\s\p{L}{2,30}\s\p{L}{2}/u.test(text);
}
