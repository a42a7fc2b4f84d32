/**
 * Undoes format=flowed (RFC 3676): soft line breaks are joined within one quote depth, space stuffing is removed, the
 * quote marks stay. With delSp the space before a soft break goes too. Linear.
 */
export function unfoldFlowed(text: string, delSp: boolean): string {
  const lines: string[] = [];
  let open: { readonly quotes: string; readonly parts: string[] } = { quotes: '', parts: [] };
  const close = (): void => {
    if (open.parts.length > 0) lines.push(joinQuoted(open.quotes, open.parts.join('')));
    open = { quotes: '', parts: [] };
  };
  for (const line of text.split('\n')) {
    const quotes = /^>*/.exec(line)?.[0] ?? '';
    const stuffed = line.slice(quotes.length);
    const content = stuffed.startsWith(' ') ? stuffed.slice(1) : stuffed;
    // the signature separator is fixed text, and a soft break never crosses a change of quote depth (sections 4.3, 4.5)
    if (open.quotes !== quotes || content === '-- ') close();
    const soft = content.endsWith(' ') && content !== '-- ';
    if (open.parts.length === 0) open = { quotes, parts: [] };
    open.parts.push(soft && delSp ? content.slice(0, -1) : content);
    if (!soft) close();
  }
  close();
  return lines.join('\n');
}

function joinQuoted(quotes: string, content: string): string {
  return quotes === '' ? content : `${quotes} ${content}`;
}
