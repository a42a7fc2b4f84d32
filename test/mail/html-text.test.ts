import { describe, expect, test } from 'vitest';
import { htmlToText } from '../../src/mail/html-text.ts';

describe('what an HTML page shows', () => {
  test.each([
    ['cells with tabs between them', '<tr><td>198.51.100.7</td><td>22</td></tr>', '198.51.100.7\t22'],
    ['empty cells as columns', '<tr><td>a</td><td></td><td>c</td></tr><tr><td></td><td>b</td></tr>', 'a\t\tc\n\tb'],
    ['paragraphs in cells without breaking the row', '<tr><td><p>Source</p></td><td><div>192.0.2.7</div></td></tr>', 'Source\t192.0.2.7'],
    ['rows without end tags', '<table><tr><td>a<td>b<tr><td>c<td>d</table>', 'a\tb\nc\td'],
    ['blocks on lines of their own', '<div>one</div><div>two</div>three<br>four', 'one\ntwo\nthree\nfour'],
    ['paragraphs with a blank line between', '<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['the lines of Outlook on lines', '<p class=MsoNormal>until<o:p></o:p></p><p class="MsoNormal">nine.</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>Ann</p>', 'until\nnine.\n\nAnn'],
    ['inline elements and wbr joined', '<b>198.</b><span>51.</span>100<wbr>.7', '198.51.100.7'],
    ['white space collapsed', 'a \n\t b<b> c</b> <i> d</i>&nbsp;e', 'a b c d e'],
    ['preformatted text as it stands', '<pre>a\n  b</pre>c', 'a\n  b\n\nc'],
    ['entities decoded', '&lt;a&gt; &amp; &#49;&#x39;2&period;0&period;2&period;7 &eacute', '<a> & 192.0.2.7 é'],
    ['zero-width characters and soft hyphens gone', '192&ZeroWidthSpace;.0&#8203;.2&shy;.7', '192.0.2.7'],
    ['an angle bracket that opens no tag', 'if a < b, ask <admin@isp.example> or <192.0.2.7>', 'if a < b, ask <admin@isp.example> or <192.0.2.7>'],
    ['no comment, script, style or title', '<title>t</title><style>b{}</style><!-- c --><script>d</script>x', 'x'],
    ['text behind a comment that never ends', 'a <!-- b', 'a b'],
    ['nothing of conditional comments', 'a<!--[if mso]>b<![endif]-->c<![if !mso]>d<![endif]>', 'acd'],
    ['a tag whose attribute holds an angle bracket', '<a title="a > b">x</a>', 'x'],
    ['a tag that never ends', 'a <b c', 'a <b c'],
  ])('has %s', (_, html, expected) => {
    expect(htmlToText(html).visible).toBe(expected);
  }); // prettier-ignore

  test.each([
    ['style="display: none"', 'display:none'],
    ['style="color:red; visibility : hidden"', 'visibility'],
    ['style="font-size:0px"', 'font size zero'],
    ['style="opacity:0"', 'opacity zero'],
    ['style="mso-hide:all"', 'Outlook'],
    ['style="max-height:0;overflow:hidden"', 'height zero'],
    ['hidden', 'the attribute'],
    ['class="a gone"', 'a class of a style sheet'],
    ['id="nope"', 'an id of a style sheet'],
  ])('leaves text with %s out, and keeps it aside', (attribute) => {
    const page = `<style>p{x:y} .gone, #nope {display:none}</style>a<div ${attribute}>b <p>192.0.2.7</p></div>c`;
    expect(htmlToText(page)).toMatchObject({ visible: 'a\nc', hidden: 'b\n192.0.2.7' });
  });

  test.each([
    ['small print', 'style="font-size:0.8em"'],
    ['half transparent text', 'style="opacity:0.5"'],
    ['what is hidden on small screens only', 'class="desktop"'],
    ['a line height of zero', 'style="line-height:0"'],
  ])('shows %s', (_, attribute) => {
    const page = `<style>@media (max-width:600px){.desktop{display:none}} .x{}</style><p ${attribute}>text</p>`;
    expect(htmlToText(page).visible).toBe('text');
  });

  test('shows what follows a hidden element, whatever was left open in it', () => {
    expect(htmlToText('<div style="display:none"><p><b>x</div>y').visible).toBe('y');
    expect(htmlToText('<table><tr><td hidden>x<td>y</table>z').visible).toBe('y\n\nz');
  });

  test('keeps links in order, and alternative texts aside', () => {
    const page =
      '<a href="https://a.example/?x=1&amp;y=2">A</a><img src=x alt="192.0.2.9"><a href=\'mailto:b@c.example\'>B</a>';
    expect(htmlToText(page)).toMatchObject({
      links: ['https://a.example/?x=1&y=2', 'mailto:b@c.example'],
      hidden: '192.0.2.9',
    });
  });

  test('knows which stretches stand in quoting elements', () => {
    const page =
      '<p>new</p><blockquote><p>old</p><blockquote>older</blockquote></blockquote><div class="gmail_quote">x</div>';
    const { visible, quotes } = htmlToText(page);
    expect(quotes.map(([from, to]) => visible.slice(from, to).trim())).toEqual(['old\n\nolder', 'x']);
  });

  test('reads no more than the limit', () => {
    expect(htmlToText('abcdef', 3).visible).toBe('abc');
  });
});

describe('hostile HTML', () => {
  test.each([
    ['a table of 70,000 rows', '<tr><td>198.51.100.1</td><td>22</td><td style="color:red">x</td></tr>'.repeat(70_000)],
    ['200,000 nested elements', '<b>'.repeat(200_000)],
    ['60,000 nested tables', '<table><tr><td>'.repeat(60_000)],
    ['500,000 comments that never end', '<!--'.repeat(500_000)],
    ['scripts that never end', '<script>'.repeat(300_000)],
    ['quotes that never end', `<a b='" `.repeat(300_000)],
    ['tags that never end', '<a '.repeat(1_000_000)],
    ['end tags without start', '</b>'.repeat(1_000_000)],
    ['nothing but angle brackets', '<'.repeat(3_000_000)],
    ['hidden elements without end', '<p hidden>a'.repeat(200_000)],
    ['one endless attribute', `<a x="${'y '.repeat(1_000_000)}`],
    ['spaces', `a${' '.repeat(4_000_000)}b`],
  ])('%s take time in proportion to their length', (_, page) => {
    const started = process.cpuUsage();
    htmlToText(page);
    const { user, system } = process.cpuUsage(started);
    // 0.3 to 0.5 s on a slow machine; anything quadratic takes minutes
    expect((user + system) / 1000).toBeLessThan(3000);
  });
});
