import { isUtf8 } from 'node:buffer';
import { stringify } from 'csv-stringify/sync';
import { type FieldPacket, Types } from 'mysql2';
import { describe, expect, test } from 'vitest';
import { Cells } from '../../../../tasks/lib/cells/cells.ts';
import { csvShape } from '../../../../tasks/lib/formats/csv.ts';
import { clockOf } from '../../../../tasks/lib/time-zone.ts';
import { compile } from '../../../../tasks/lib/transcoder/build.ts';
import { RowWriter } from '../../../../tasks/lib/transcoder/row-writer.ts';
import type { Kind } from '../../../../tasks/lib/transcoder/transcoder.ts';
import * as wasm from '../../../../tasks/lib/transcoder/wasm.ts';
import { Random } from '../../../support/random.ts';

test('The committed WebAssembly is what its source gives', async () => {
  expect(await compile()).toContain(wasm.wasm);
});

type Value = Buffer | null;
type Case = {
  types: number[];
  style: { raw: boolean; guarded: boolean; dateStyle: 'iso' | 'us' };
  timeZone: string;
  rows: Value[][];
};

/** The plain way: texts as mysql2 gives them, through the rules of cells, and csv-stringify. */
function plain({ types, style, timeZone, rows }: Case): string {
  const cells = new Cells(fieldsOf(types), timeZone, undefined, 'csv', style);
  const text = (value: Value, type: number) => {
    if (value === null) return null;
    if (type === Types.BIT) return BigInt(`0x${value.toString('hex')}`).toString();
    return type === Types.BLOB && !isUtf8(value) ? `0x${value.toString('hex')}` : value.toString('utf8');
  };
  const texts = rows.map((row) => cells.format(row.map((value, column) => text(value, types[column]!))));
  return stringify(texts, {
    record_delimiter: '\r\n',
    quote_record_delimiter: true,
    quoted_match: /^$/,
    quoted_empty: types.length === 1 || undefined,
  });
}

const fieldsOf = (types: number[]) =>
  types.map((columnType, index) => ({ name: `Column ${index}`, columnType })) as FieldPacket[];

const kinds: Record<number, Kind> = {
  [Types.LONG]: 'number',
  [Types.NEWDECIMAL]: 'number',
  [Types.DATE]: 'date',
  [Types.DATETIME]: 'time',
  [Types.TIMESTAMP]: 'time',
  [Types.BIT]: 'rule',
};

function fast({ types, style, timeZone, rows }: Case, random: Random): string {
  const [cells, scratch] = [0, 1].map(() => new Cells(fieldsOf(types), timeZone, undefined, 'csv', style));
  const written: Buffer[] = [];
  const writer = new RowWriter(
    {
      columns: types.map((type, position) => ({
        position,
        kind: kinds[type] ?? 'text',
        isGuarded: style.guarded && !['number', 'date', 'time'].includes(kinds[type]!) && type !== Types.BIT,
      })),
      isRaw: style.raw,
      dateStyle: style.dateStyle,
      columnTypes: types,
      clock: clockOf(timeZone),
    },
    {
      rows: 0,
      seesRows: false,
      format: (row) => cells!.format(row),
      cell: (column, row) => scratch!.format(types.map((_, position) => row.at(position)!))[column]!,
    },
    csvShape,
    { nextRow: 0, most: 2 ** 31 - 1, write: (bytes) => written.push(Buffer.from(bytes)) },
  );
  const packets = rows.map((row) => bytesOf(row));
  while (packets.length > 0) {
    const some = packets.splice(0, 1 + random.below(5));
    // As a chunk of the socket: something before, something behind.
    const bytes = Buffer.concat([Buffer.alloc(3, 0xff), ...some, Buffer.alloc(5, 0x22)]);
    if (some.length === 1 && random.oneIn(3)) writer.row(bytes, 7, bytes.length - 5);
    else writer.rows(bytes, 3, bytes.length - 5);
    if (random.oneIn(3)) writer.flush();
  }
  writer.flush();
  return Buffer.concat(written).toString();
}

/** A packet, header included. */
function bytesOf(row: Value[]): Buffer {
  const fields = row.flatMap((value) => {
    if (value === null) return [Buffer.of(0xfb)];
    const { length } = value;
    const short = Buffer.from([0xfc, length & 0xff, length >> 8]);
    const long = Buffer.from([0xfd, length & 0xff, (length >> 8) & 0xff, length >> 16]);
    return [length < 0xfb ? Buffer.of(length) : length < 0x10000 ? short : long, value];
  });
  const body = Buffer.concat(fields);
  const header = Buffer.from([body.length & 0xff, (body.length >> 8) & 0xff, body.length >> 16, 7]);
  return Buffer.concat([header, body]);
}

const pieces = [
  ...['"', ',', '\n', '\r', '\r\n', '\t', '=', '+', '-', '@', "'", ' ', 'a', 'text', '=1+1'],
  ...[
    '＝',
    '＋',
    '－',
    '＠',
    'é',
    'Ü',
    '山田',
    '😀',
    '\u0000',
    '\u0007',
    '\u001f',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u009f',
  ],
  ...[
    '\u07ff',
    '\u0800',
    '\uffff',
    '\ufffe',
    '\ufffd',
    '\ufeff',
    '\u{10000}',
    '\u{10ffff}',
    '&',
    '<',
    '>',
    '_x0041_',
    '_',
  ],
].map((text) => Buffer.from(text));
/** Not UTF-8: overlong, surrogates, beyond the last character, cut off. */
const broken = [
  '80',
  'c0af',
  'c1bf',
  'e08080',
  'e09fbf',
  'eda080',
  'edbfbf',
  'f08080af',
  'f4908080',
  'f5808080',
  'ff',
  'c3',
  'e5b1',
  'f09f98',
  'c328',
  'e228a1',
  'c3c3a9',
].map((hex) => Buffer.from(hex, 'hex'));

function textValue(random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let count = random.below(5); count > 0; count--) {
    if (random.oneIn(2)) parts.push(random.pick(pieces));
    if (random.oneIn(2)) parts.push(Buffer.alloc(random.below(40), random.pick(['x', 'y,', 'ö', '日'])));
    if (random.oneIn(12)) parts.push(random.pick(broken));
    if (random.oneIn(400)) parts.push(Buffer.alloc(32_740 + random.below(40), 'z'));
    if (random.oneIn(4000)) parts.push(Buffer.alloc(300_000 + random.below(600_000), 'long "text" '));
  }
  return Buffer.concat(parts);
}

const two = (value: number) => String(value).padStart(2, '0');
function dateValue(random: Random): string {
  const year = random.oneIn(8)
    ? random.pick(['0000', '0001', '0999', '1000', '1899', '9999'])
    : 1968 + random.below(104);
  return `${year}-${two(random.below(13))}-${two(random.below(random.oneIn(3) ? 32 : 29))}`;
}
function timeValue(random: Random): string {
  // Around the changes of many zones, too.
  const date = random.oneIn(3)
    ? `20${two(random.below(40))}-${random.pick(['03-08', '11-01', '10-25', '03-29', '04-05', '10-04'])}`
    : dateValue(random);
  const fraction = random.oneIn(4) ? random.pick(['.5', '.123', '.999999', '.000001']) : '';
  return `${date} ${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}${fraction}`;
}

function someValue(type: number, random: Random): Value {
  if (random.oneIn(6)) return null;
  switch (type) {
    case Types.LONG:
      return Buffer.from(String(random.below(2 ** 32) - 2 ** 31));
    case Types.NEWDECIMAL:
      return Buffer.from(`-${random.below(1e9)}${random.below(1e9)}.${random.below(1e9)}`);
    case Types.BIT:
      return Buffer.from([random.below(256), random.below(256)]);
    case Types.DATE:
      return Buffer.from(dateValue(random));
    case Types.DATETIME:
    case Types.TIMESTAMP:
      return Buffer.from(timeValue(random));
    default:
      return textValue(random);
  }
}

const zones = [
  'UTC',
  'America/Chicago',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Africa/Monrovia',
  'Pacific/Apia',
  'Africa/Casablanca',
  'America/St_Johns',
];
const types = [
  Types.VAR_STRING,
  Types.VAR_STRING,
  Types.BLOB,
  Types.JSON,
  Types.LONG,
  Types.NEWDECIMAL,
  Types.DATE,
  Types.DATETIME,
  Types.TIMESTAMP,
  Types.BIT,
];

function someCase(random: Random): Case {
  const columns = Array.from({ length: 1 + random.below(random.oneIn(2) ? 2 : 12) }, () =>
    random.pick(types),
  );
  return {
    types: columns,
    style: { raw: random.oneIn(4), guarded: !random.oneIn(4), dateStyle: random.pick(['iso', 'us']) },
    timeZone: random.pick(zones),
    rows: Array.from({ length: 1 + random.below(30) }, () => columns.map((type) => someValue(type, random))),
  };
}

describe('The bytes of a CSV', () => {
  // `FUZZ_SECONDS=3600 npx vitest run row-writer` looks for longer, from another place on.
  const seconds = Number(process.env.FUZZ_SECONDS ?? 3);
  const first = process.env.FUZZ_SECONDS ? Date.now() % 2 ** 31 : 1;

  test(
    'are those of the plain way, whatever the schema, the values and the packets',
    () => {
      const end = Date.now() + seconds * 1000;
      let seed = first;
      for (; Date.now() < end; seed++) {
        const random = new Random(seed);
        const example = someCase(random);
        const [expected, found] = [plain(example), fast(example, random)];
        if (found !== expected) {
          const row = expected.split('\r\n').findIndex((line, index) => line !== found.split('\r\n')[index]);
          const lines = [expected, found].map((text) =>
            JSON.stringify(text.split('\r\n')[row]?.slice(0, 2000)),
          );
          expect.fail(
            `seed ${seed}, types ${example.types}, ${example.timeZone} ${JSON.stringify(example.style)}\n${lines.join('\n')}`,
          );
        }
      }
      expect(seed).toBeGreaterThan(first);
    },
    seconds * 1000 + 60_000,
  );
});
