import { describe, expect, it } from 'vitest';
import { call } from './call.ts';

const table = { columns: [], rows: [], lines: ['Group'] };
const inside = { email: 'a@b.example', name: 'A', outside: false };
const outside = { ...inside, outside: true };

interface Asked {
  mode: string;
  attachCsv?: boolean;
  bytes?: number;
  table?: object | null;
}

async function send(recipient: object, { mode, attachCsv, bytes = 10, table = null }: Asked) {
  const report = {
    context: { delivery: { mode }, report: { parameters: { attachCsv } } },
    file: { bytes },
    table,
  };
  return await call('Sending', [recipient, report, 100]);
}

describe('A recipient', () => {
  it.each([
    ['the file', { mode: 'attachment' }, { outcome: 'attachment', attach: true }, ''],
    ['the file', { mode: 'attachment', bytes: 100 }, { outcome: 'attachment', attach: true }, ''],
    ['a link', { mode: 'attachment', bytes: 101 }, { outcome: 'link', attach: false }, /too large to attach/],
    ['a link', { mode: 'link' }, { outcome: 'link', attach: false }, ''],
    ['the rows', { mode: 'mail_body', table }, { outcome: 'mail_body', attach: false }, ''],
    [
      'a link',
      { mode: 'mail_body' },
      { outcome: 'link', attach: false },
      'The table is too long for a mail.',
    ],
    [
      'rows and file',
      { mode: 'mail_body', table, attachCsv: true },
      { outcome: 'mail_body', attach: true },
      '',
    ],
    ['the file', { mode: 'mail_body', attachCsv: true }, { outcome: 'attachment', attach: true }, /too long/],
    [
      'the rows',
      { mode: 'mail_body', table, attachCsv: true, bytes: 101 },
      { outcome: 'mail_body', attach: false },
      /too large to attach/,
    ],
  ])('gets %s when asked for %o', async (_, asked: Asked, sending, note) => {
    const { values, ...rest } = await send(inside, asked);
    expect(rest).toEqual(sending);
    expect(values.note).toMatch(note);
    if (note === '') expect(values.note).toBe('');
    expect(values.table).toEqual(sending.outcome === 'mail_body' ? table : null);
    // The button stays, unless the file itself is all that the mail brings.
    expect('link' in values).toBe(sending.outcome === 'attachment');
  });

  it.each([{ mode: 'attachment' }, { mode: 'mail_body', table, attachCsv: true }, { mode: 'link' }])(
    'outside the account gets a link and nothing of the report when asked for %o',
    async (asked) => {
      expect(await send(outside, asked)).toEqual({
        outcome: 'link',
        attach: false,
        values: { table: null, attached: '', note: '' },
      });
    },
  );
});
