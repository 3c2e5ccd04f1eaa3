// The reader of load files: bytes to rows.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { describe, expect, test } from 'vitest';
import { check } from '../../../../local/load-files.ts';
import { coerced, fieldNamed } from '../../../../tasks/lib/documents/headers.ts';
import { readRows } from '../../../../tasks/reports/coding-overlay/load-file/read.ts';

describe('a load file', () => {
  test('of the corpus is read as it should be, or ends in its code', async () => {
    const { count, wrong } = await check(join(import.meta.dirname, 'load-files'));
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(60);
  });

  test.runIf(process.env.LOAD_FILES)(
    'of the folder with known readings is read as it should be',
    async () => {
      const { count, wrong } = await check(process.env.LOAD_FILES!);
      expect(wrong).toEqual([]);
      expect(count).toBeGreaterThan(0);
    },
  );

  test('is read as another reader reads it, whatever its values hold and however it arrives in pieces', async () => {
    const random = generator(7);
    const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
    const values = [
      '',
      'a',
      ' b ',
      '"',
      '""',
      ',',
      '\r\n',
      '\n',
      '\r',
      'x"y',
      'þ',
      '®',
      '😀',
      '\ufeff',
      "'",
      '\u2028',
      'é',
    ];
    for (let round = 0; round < 500; round++) {
      const rows = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, row) =>
        Array.from({ length: 3 }, (_, column) => (column === 0 ? `${row}` : pick(values) + pick(values))),
      );
      const text = stringify(rows, {
        record_delimiter: pick(['\r\n', '\n']),
        quoted: pick([true, false]),
        quote_record_delimiter: true,
        quoted_match: /[\r\n]/,
      } as never);
      const bytes = Buffer.from(text);
      const size = 1 + Math.floor(random() * 9);
      expect(await cellsOf(bytes, size)).toEqual(parse(text, { relax_column_count: true }));
    }
  });

  test('takes the same memory however long a line is, or how many rows there are', () => {
    const script = join(import.meta.dirname, 'read-generated.ts');
    const run = (kind: string) =>
      JSON.parse(execFileSync(process.execPath, [script, kind], { encoding: 'utf8' }));
    const { code, megabytes } = run('line');
    expect(code).toBe('OV-F09');
    expect(megabytes).toBeLessThan(200);
    const many = run('rows');
    expect(many.rows).toBe(400_001);
    expect(many.megabytes).toBeLessThan(200);
  });
});

describe('a header', () => {
  test.each([
    ['Document Date', 'document_date'],
    ['NextpointID', 'nextpoint_id'],
    ['CC', 'cc'],
    ['BATES_START', 'bates_start'],
    ['\u200b "Bates  Start" ', 'bates_start'],
    ['Begdoc#', 'bates_start'],
    ['Custodian(s)', 'custodians'],
    ['From', 'email_author'],
    ['ﬁle name', 'file_name'],
    ['Straße', 'straße'],
    ['__proto__', 'proto'],
    ['constructor', 'constructor'],
  ])('%s names the field %s', (header, field) => expect(fieldNamed(header)).toBe(field));

  test('names the same field when it is read again', () => {
    for (const header of ['Document Date', 'ＡＢ', 'aB cD', 'İx', 'ß ẞ'])
      expect(coerced(coerced(header))).toBe(coerced(header));
  });
});

async function cellsOf(bytes: Buffer, size: number): Promise<string[][]> {
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  })();
  const cells: string[][] = [];
  for await (const rows of readRows(chunks, { header: false })) cells.push(...rows.map((row) => row.cells));
  return cells;
}

/** Numbers from 0 to 1, the same at each run. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed * 1664525 + 1013904223) % 2 ** 32;
    return seed / 2 ** 32;
  };
}
