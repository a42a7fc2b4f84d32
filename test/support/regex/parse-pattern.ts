/** What a pattern consists of, as far as the cost of matching goes: groups are dissolved, greed is left out. */
export type Pattern =
  /** One character; `source` is its own little pattern: "a", "\d", "[^<>]", ".". */
  | { readonly type: 'character'; readonly source: string }
  | { readonly type: 'sequence'; readonly items: readonly Pattern[] }
  | { readonly type: 'choice'; readonly items: readonly Pattern[] }
  | { readonly type: 'repeat'; readonly item: Pattern; readonly min: number; readonly max: number }
  | { readonly type: 'look'; readonly ahead: boolean; readonly negated: boolean; readonly item: Pattern }
  | { readonly type: 'edge'; readonly kind: '^' | '$' | 'b' | 'B' };

/**
 * Reads the source of a RegExp that the engine has accepted (ECMA-262, section 22.2.1).
 * @throws Error for back references, modifiers and the flag "v": their cost is not worked out here
 */
export function parsePattern(source: string, flags: string): Pattern {
  if (flags.includes('v')) throw new Error('the flag "v" is not understood');
  const cursor = { source, at: 0, unicode: flags.includes('u') };
  const pattern = choice(cursor);
  if (cursor.at < source.length) throw new Error(`stopped at ${cursor.at}`);
  return pattern;
}

type Cursor = { readonly source: string; at: number; readonly unicode: boolean };

function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  const sticky = new RegExp(pattern, `${cursor.unicode ? 'u' : ''}y`);
  sticky.lastIndex = cursor.at;
  const match = sticky.exec(cursor.source);
  if (match !== null) cursor.at = sticky.lastIndex;
  return match;
}

function choice(cursor: Cursor): Pattern {
  const items = [sequence(cursor)];
  while (take(cursor, /\|/)) items.push(sequence(cursor));
  const [only] = items;
  return items.length === 1 && only ? only : { type: 'choice', items };
}

function sequence(cursor: Cursor): Pattern {
  const items: Pattern[] = [];
  while (cursor.at < cursor.source.length && !/[|)]/.test(cursor.source[cursor.at] ?? '')) {
    items.push(repeated(cursor, single(cursor)));
  }
  return { type: 'sequence', items };
}

function repeated(cursor: Cursor, item: Pattern): Pattern {
  const match = take(cursor, /(?:([*+?])|\{(\d+)(,(\d*))?\})\??/);
  if (match === null) return item;
  const [, mark, from, comma, to] = match;
  if (mark !== undefined) return { type: 'repeat', item, min: mark === '+' ? 1 : 0, max: mark === '?' ? 1 : Infinity };
  const min = Number(from);
  const max = comma === undefined ? min : to === '' ? Infinity : Number(to);
  return { type: 'repeat', item, min, max };
}

function single(cursor: Cursor): Pattern {
  const edge = take(cursor, /[\^$]|\\[bB]/)?.[0];
  if (edge !== undefined) return { type: 'edge', kind: edge.replace('\\', '') as '^' | '$' | 'b' | 'B' };
  const look = take(cursor, /\(\?(<?)([=!])/);
  if (look !== null) return { type: 'look', ahead: look[1] === '', negated: look[2] === '!', item: group(cursor) };
  if (take(cursor, /\((?:\?:|\?<[^>=!][^>]*>|(?!\?))/)) return group(cursor);
  if (take(cursor, /\\(?:[1-9]|k<)/)) throw new Error('a back reference is not understood');
  const set = take(cursor, /\[(?:\\.|[^\\\]])*\]/);
  const one =
    set ??
    take(cursor, /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|[^1-9])/) ??
    take(cursor, /[^\\()[*+?|]/);
  if (one === null) throw new Error(`not understood at ${cursor.at}`);
  return { type: 'character', source: one[0] };
}

function group(cursor: Cursor): Pattern {
  const item = choice(cursor);
  if (!take(cursor, /\)/)) throw new Error(`a group is not closed at ${cursor.at}`);
  return item;
}
