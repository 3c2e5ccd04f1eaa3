import { describe, expect, test } from 'vitest';
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
  ['<p class=MsoNormal>a<o:p></o:p></p><!--[if !mso]><b>x</b><![endif]--><![if !vml]>b<![endif]>', 'a\nb'],
  [
    '<?xml:namespace prefix = o ns = "urn:x" /><!DOCTYPE html><td nowrap>x</td><st1:City w:st="on">Rome</st1:City>',
    'xRome',
  ],
  ['<textarea>x</textarea> &amp; <b>y</b>', '<textarea>x</textarea> & y'],
])('%j reads %j', (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

describe('What is no tag is kept', () => {
  test.each([
    '<https://a.example/p?q=1>',
    '<https://a.example/p?q=1&copy=2>',
    '<C:\\docs>',
    '<\\\\server\\share>',
    '<Exhibit 4>',
    '<mailto:ann@x.example>',
    '<ann@x.example>',
    '<I think so>',
    '<label> or <time>',
    'option <a> or <b>',
    '<p.>',
    '</ Exhibit>',
    '<>',
    '<title> all of it',
    '<TITLE> all of it',
    '<textarea> all of it',
    '<script> all of it',
    '<style> all of it',
    '<style type="x"> all of it',
    '<!-- all of it',
    '<!--> all of it',
    '<![CDATA[ all of it',
    '<![CDATA[all of it]]> and more',
    '<? all of it',
    '<?php all of it ?>',
    '<! all of it',
    '<!DOCTYPE all of it',
    '<xmp> all of it',
    '<plaintext> all of it',
    '<noscript> all of it',
    '<a href="all of it',
    '<b all of it',
  ])('in %j', (typed) => {
    expect(textOfHtml(typed)).toBe(typed);
    expect(textOfHtml(`<p>see ${typed} ok</p>`).replace(/ ?ok$/, '')).toBe(`see ${typed}`);
  });
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
  '<a b="x" ',
  '<a b=\'" c="',
  '<title>',
  '</title ',
  '<?xml ',
  '<![CDATA[',
  '<!',
  '<a>',
  '<i>x</i>',
  '<i></b>',
  '<p ',
  '>',
])('A megabyte of %j takes no time', (part) => {
  const html = `<p>x</p>${part.repeat(1_000_000 / part.length)}`;
  const began = performance.now();
  textOfHtml(html);
  expect(performance.now() - began).toBeLessThan(1000);
});
