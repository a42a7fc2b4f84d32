/** Attributes that matter for reading, by lower-case name; values still carry their entities. */
export type Attributes = {
  readonly style?: string;
  readonly class?: string;
  readonly id?: string;
  readonly hidden?: string;
  readonly href?: string;
  readonly alt?: string;
  readonly title?: string;
  readonly type?: string;
};

type Name = keyof Attributes;

/** Reads the attributes of one tag (the text between its name and ">"). Linear in its length. */
export function attributesOf(tag: string): Attributes {
  const found: Partial<Record<Name, string>> = {};
  for (const match of tag.slice(0, 20_000).matchAll(/([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?/g)) {
    const name = (match[1] ?? '').toLowerCase();
    if (!isWanted(name) || found[name] !== undefined) continue;
    const value = match[2] ?? '';
    found[name] = /^["']/.test(value) ? value.slice(1, -1) : value;
  }
  return found;
}

/** Whether an element with these attributes is not shown: its style, the hidden attribute, or a class that a style sheet hides. */
export function hides(name: string, attributes: Attributes, selectors: ReadonlySet<string>): boolean {
  if (attributes.hidden !== undefined) return true;
  if (name === 'input' && attributes.type?.toLowerCase() === 'hidden') return true;
  if (attributes.style && hidingStyle.test(attributes.style)) return true;
  if (selectors.size === 0) return false;
  if (attributes.id && selectors.has(`#${attributes.id}`)) return true;
  return (attributes.class ?? '').split(/\s+/).some((name) => name !== '' && selectors.has(`.${name}`));
}

/**
 * The simple selectors (".class", "#id") that a style sheet hides outside of media queries: what is hidden only on small
 * screens or in print is still visible text.
 */
export function hiddenSelectors(sheet: string): readonly string[] {
  const selectors: string[] = [];
  const rules = sheet.slice(0, 200_000).split('}');
  let depth = 0;
  for (const rule of rules) {
    const pieces = rule.split('{');
    const nested = depth + pieces.length - 2;
    if (nested === 0 && pieces.length === 2 && hidingStyle.test(pieces[1] ?? '')) {
      for (const selector of (pieces[0] ?? '').split(',')) {
        const simple = /^(?:[a-z0-9]+)?([.#][\w-]+)$/i.exec(selector.trim())?.[1];
        if (simple) selectors.push(simple);
      }
    }
    depth = Math.max(0, nested);
  }
  return selectors;
}

const wanted: ReadonlySet<string> = new Set<Name>(['style', 'class', 'id', 'hidden', 'href', 'alt', 'title', 'type']);

function isWanted(name: string): name is Name {
  return wanted.has(name);
}

/** max-height, line-height and the like are only taken at exactly zero; a zero width alone is common in layouts. */
const hidingStyle =
  /display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}(?:hidden|collapse)|mso-hide\s{0,9}:\s{0,9}all|(?:^|[;\s{])font-size\s{0,9}:\s{0,9}0(?:\.0{1,9})?(?:px|pt|em|rem|%)?\s{0,9}(?:[;!}]|$)|(?:^|[;\s{])opacity\s{0,9}:\s{0,9}0(?:\.0{1,9})?\s{0,9}(?:[;!}]|$)|(?:^|[;\s{])max-height\s{0,9}:\s{0,9}0(?:px)?\s{0,9}(?:[;!}]|$)/i;
