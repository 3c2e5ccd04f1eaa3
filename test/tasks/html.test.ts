import { expect, test } from 'vitest';
import { textOfHtml } from '../../tasks/export-rows/html.ts';

test.each([
  ['<p>One</p><p>Two<br/>Three</p>', 'One\nTwo\nThree'],
  ['<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>', 'a\nb'],
  ['<b>bold</b> and <span style="color:red">red</span>', 'bold and red'],
  ['<A HREF="https://a.example">link</A>', 'link'],
  ['&lt;b&gt; &amp;amp; &quot;x&quot;&nbsp;&#39;y&#x27;', '<b> &amp; "x" \'y\''],
  ['<style>p {color: red}</style><!-- hidden -->seen', 'seen'],
  ['&#99999999;&#1114112;', '&#99999999;&#1114112;'],
])('%j reads %j', (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

test.each(['3 < 4 > 2', 'From <b@x.example>, <ann@x.example>', 'R&D', 'two\n\n  lines ', '<b', '<bold>'])(
  '%j stays as it is',
  (text) => {
    expect(textOfHtml(text)).toBe(text);
  },
);

test.each(['<b ', '<!-- ', '<style>', '&#', '<p>   ', ' '])('A megabyte of %j takes no time', (part) => {
  const html = `<p>x</p>${part.repeat(1_000_000 / part.length)}`;
  const began = performance.now();
  textOfHtml(html);
  expect(performance.now() - began).toBeLessThan(1000);
});
