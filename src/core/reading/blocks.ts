import { markBoilerplate, type BoilerplateRole } from './boilerplate.ts';
import type { Heads } from './heads.ts';
import { settleShapes } from './settle-shapes.ts';

/** pairs: "label: value" lines, whose values may be somebody's words; records: logs, header dumps, tables, code. */
export type EvidenceForm = 'pairs' | 'records';

/** A run of lines of one layer. */
export type Block = {
  readonly kind: 'prose' | 'evidence' | 'boilerplate';
  readonly form: EvidenceForm | null;
  readonly role: BoilerplateRole | null;
  readonly text: string;
};

/** Tells the lines of one layer apart: what somebody says, what machines recorded, and what every mail of a sender carries. */
export function partBlocks(lines: readonly string[], heads: Heads): readonly Block[] {
  const shapes = settleShapes(lines);
  const marks = markBoilerplate(lines, shapes, heads);
  const blocks: OpenBlock[] = [];
  for (const [at, line] of lines.entries()) {
    const shape = shapes[at] ?? 'prose';
    const role = marks[at] ?? null;
    const open = blocks.at(-1);
    if (shape === 'blank' || (shape === 'rule' && role === null)) {
      open?.lines.push(line);
      continue;
    }
    const kind = role === null ? (shape === 'prose' ? 'prose' : 'evidence') : 'boilerplate';
    const form = kind === 'evidence' ? (shape === 'pair' ? 'pairs' : 'records') : null;
    if (open?.kind === kind && open.role === role && open.form === form) open.lines.push(line);
    else blocks.push({ kind, form, role, lines: [line] });
  }
  return blocks.map(({ lines, ...block }) => ({ ...block, text: lines.join('\n').trimEnd() }));
}

type OpenBlock = Omit<Block, 'text'> & { readonly lines: string[] };
