import { describe, expect, it } from 'vitest';
import { call } from './call.ts';

const mail = (values: object, environment = 'production') =>
  call('Mail', [{ subject: 'Your report is ready', ...values }, environment]);

describe('A value of a mail', () => {
  it('comes as text and escaped for HTML', async () => {
    expect(await mail({ title: 'A & B <b>"x"</b>' })).toMatchObject({
      title: 'A & B <b>"x"</b>',
      titleHtml: 'A &amp; B &lt;b&gt;&quot;x&quot;&lt;/b&gt;',
    });
  });

  it.each([
    ['a\nb', 'a; b'],
    ['a.\nb', 'a. b'],
    ['a\r\n\r\n  b', 'a; b'],
    ['a\rBcc: x@y.example', 'a; Bcc: x@y.example'],
    ['', ''],
    ['Acme\n', 'Acme'],
    ['\r\n Acme \u2028', 'Acme'],
    ['a\u2028b\u2029c\u0085d\u000be', 'a; b; c; d; e'],
    ['a\u202ecod.exe\u2066\u200f', 'acod.exe'],
    ['a\u0000b\u0007c\u001bd\u009fe', 'abcde'],
    ['a  b\tc', 'a b c'],
  ])('%j is put on one line', async (title, line) => {
    expect(await mail({ title })).toMatchObject({ title: line, titleHtml: line });
  });

  it.each([[[]], [['one']], [['a & b', 'c']]])('that is the list %j stays one', async (warnings) => {
    const { warnings: list } = await mail({ warnings });
    expect(list.map(({ text }: { text: string }) => text)).toEqual(warnings);
    if (warnings.length === 2) expect(list[0].textHtml).toBe('a &amp; b');
  });
});

describe('The subject of a mail', () => {
  it('is itself in production', async () => {
    expect(await mail({})).toMatchObject({
      subject: 'Your report is ready',
      subjectHtml: 'Your report is ready',
    });
  });

  it('speaks pirate elsewhere', async () => {
    expect(await mail({}, 'staging')).toMatchObject({ subject: 'Ahoy! Yer report be ready' });
    expect(await mail({ subject: 'Your x was made' }, 'qa')).toMatchObject({
      subject: 'Ahoy! Yer x were made',
    });
  });

  it.each([
    [90, 90],
    [91, 90],
    [500, 90],
  ])('of %i characters has %i', async (length, cut) => {
    const { subject } = await mail({ subject: 'x'.repeat(length) });
    expect(subject).toHaveLength(cut);
    expect(subject.endsWith('…')).toBe(length > 90);
  });
});

describe('The table of a mail', () => {
  const cell = (text: string) => ({ text, align: 'left', weight: 'normal' });

  it.each([[1], [2]])('of %i row(s) has columns, rows and lines, escaped', async (count) => {
    const rows = Array.from({ length: count }, () => ({ cells: [cell('<i>')] }));
    const lines = rows.map(() => 'line');
    const {
      table,
      columns,
      rows: made,
      lines: text,
    } = await mail({
      table: { columns: [cell('A & B')], rows, lines },
    });
    expect(table).toBe('yes');
    expect(columns).toEqual([{ textHtml: 'A &amp; B', align: 'left', weight: 'normal' }]);
    expect(made).toEqual(
      rows.map(() => ({ cells: [{ textHtml: '&lt;i&gt;', align: 'left', weight: 'normal' }] })),
    );
    expect(text).toEqual(lines.map((line) => ({ line })));
  });

  it.each([[null], [undefined]])('that is %o leaves every list empty', async (table) => {
    expect(await mail({ table })).toMatchObject({ table: '', columns: [], rows: [], lines: [] });
  });
});
