import { expect, test } from 'vitest';
import { textOfHtml } from '../../../../tasks/lib/cells/html.ts';

test.each([
  ['<p>One</p><p>Two<br/>Three</p>', 'One\nTwo\nThree'],
  ['<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>', 'a\nb'],
  ['<b>bold</b> and <span style="color:red">red</span>', 'bold and red'],
  ['<A HREF="https://a.example">link</A>', 'link'],
  ['&lt;b&gt; &amp;amp; &quot;x&quot;&nbsp;&#39;y&#x27;', '<b> &amp; "x" \'y\''],
  ['<style>p {color: red}</style><!-- hidden -->seen', 'seen'],
  ['<p>M&uuml;ller &ndash; it&rsquo;s done&hellip;&#146;</p>', 'Müller – it’s done…’'],
  ['M&uuml;ller &mdash; two  blanks \n', 'Müller — two  blanks \n'],
  [
    '<html><head><title>t</title><style><!-- p > a {x: y} --></style></head><body><p>Hi</p></body></html>',
    'Hi',
  ],
  ['<o:p>x</o:p><section>y</section><label>z</label><center>q</center>', 'x\ny\nz\nq'],
  ['<a title="a > b">x</a>', 'x'],
  ['<table><tr><td>a</td><td>b</td></tr></table>', 'a b'],
  ['<p>From <ann@x.example>, if 3 < 4 & 5 > 4</p>', 'From <ann@x.example>, if 3 < 4 & 5 > 4'],
  ['&#1114112;&nosuch;', '\ufffd&nosuch;'],
])('%j reads %j', (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

test.each(['3 < 4 > 2', 'From <b@x.example>, <ann@x.example>', 'R&D', 'two\n\n  lines ', '<b', '<bold>'])(
  '%j stays as it is',
  (text) => {
    expect(textOfHtml(text)).toBe(text);
  },
);

test.each([
  '<b ',
  '<!-- ',
  '<style>',
  '&#',
  '<p>   ',
  ' ',
  '<b>',
  '<ul><li>',
  '<x@y>',
  '</b>',
  '&amp;',
  '<a b="',
])('A megabyte of %j takes no time', (part) => {
  const html = `<p>x</p>${part.repeat(1_000_000 / part.length)}`;
  const began = performance.now();
  textOfHtml(html);
  expect(performance.now() - began).toBeLessThan(1000);
});
