import { isUtf8 } from 'node:buffer';
import { Types } from 'mysql2';
import { describe, expect, test } from 'vitest';
import { Cells } from '../../../../tasks/lib/cells/cells.ts';
import { type Choice, Columns } from '../../../../tasks/lib/cells/columns.ts';
import { rulesOf, type Style } from '../../../../tasks/lib/cells/rules.ts';
import { Warnings } from '../../../../tasks/lib/cells/warnings.ts';
import { csv } from '../../../../tasks/lib/formats/csv.ts';
import { clockOf } from '../../../../tasks/lib/time-zone.ts';
import { compile } from '../../../../tasks/lib/transcoder/build.ts';
import { CsvWriter } from '../../../../tasks/lib/transcoder/csv-writer.ts';
import * as wasm from '../../../../tasks/lib/transcoder/wasm.ts';
import { Random } from '../../../support/random.ts';

test('The committed WebAssembly is what its source gives', async () => {
  expect(await compile()).toContain(wasm.wasm);
});

type Value = Buffer | null;
type Case = { types: number[]; style: Style; choice: Choice; timeZone: string; rows: Value[][] };
/** Bytes, and what the reader is told. */
type File = { text: string; warnings: string[]; fullTexts: unknown[] };

/** Some cases have a column of warnings, which the file leaves out. */
function nameOf(index: number, types: number[]): string {
  if (index === 0) return 'Nextpoint ID';
  const mayWarn = types.length % 2 === 1 && types[index] === Types.VAR_STRING;
  return mayWarn && index === types.length - 2 ? 'Warnings' : `Column ${index}`;
}

function cellsOf({ types, style, choice, timeZone }: Case, fullTexts: unknown[]): Cells {
  const rules = rulesOf('csv', timeZone, style, (column) => warnings.addAmbiguous(column));
  const warnings = new Warnings({ format: 'csv', lists: style.lists, longText: rules.longText });
  const fields = types.map((columnType, index) => ({
    name: nameOf(index, types),
    columnType,
  }));
  const sidecar = { add: (text: unknown) => void fullTexts.push(text) };
  return new Cells(new Columns(fields, rules, style, choice), rules, warnings, { sidecar });
}

/** The plain way: texts through the rules of cells, and csv-stringify. */
async function plain(example: Case): Promise<File> {
  const fullTexts: unknown[] = [];
  const cells = cellsOf(example, fullTexts);
  const text = (value: Value, type: number) => {
    if (value === null) return null;
    if (type === Types.BIT) return BigInt(`0x${value.toString('hex')}`).toString();
    return type === Types.BLOB && !isUtf8(value) ? `0x${value.toString('hex')}` : value.toString('utf8');
  };
  const file = csv(cells.columns.headers);
  const written = file.toArray();
  for (const row of example.rows)
    file.write(cells.format(row.map((value, column) => text(value, example.types[column]!))));
  file.end();
  return { text: (await written).join(''), warnings: cells.warnings, fullTexts };
}

function fast(example: Case, random: Random): File {
  const fullTexts: unknown[] = [];
  const cells = cellsOf(example, fullTexts);
  const { types, style, timeZone } = example;
  const plan = {
    columns: cells.columns.plan(style.guarded!),
    columnTypes: types,
    toldField: cells.columns.warningsField,
    isRaw: style.raw!,
    dateStyle: style.dateStyle!,
    clock: clockOf(timeZone),
  };
  const writer = new CsvWriter(cells, plan);
  const written = [writer.start];
  const rows = example.rows.map((row) => bytesOf(row));
  while (rows.length > 0) {
    // As a chunk of the socket: something before, something behind.
    const some = Buffer.concat(rows.splice(0, 1 + random.below(5)));
    const chunk = Buffer.concat([Buffer.alloc(3, 0xff), some, Buffer.alloc(5, 0x22)]);
    written.push(writer.format(chunk.subarray(3, chunk.length - 5)));
  }
  return { text: Buffer.concat(written).toString(), warnings: cells.warnings, fullTexts };
}

/** A row, header included. */
function bytesOf(row: Value[]): Buffer {
  const fields = row.flatMap((value) => {
    if (value === null) return [Buffer.of(0xfb)];
    const { length } = value;
    const short = Buffer.from([0xfc, length & 0xff, length >> 8]);
    const long = Buffer.from([0xfd, length & 0xff, (length >> 8) & 0xff, length >> 16]);
    return [length < 0xfb ? Buffer.of(length) : length < 0x10000 ? short : long, value];
  });
  const body = Buffer.concat(fields);
  const header = Buffer.alloc(4);
  header.writeUInt32LE(body.length);
  return Buffer.concat([header, body]);
}

const pieces = [
  ...[
    '"',
    ',',
    '\n',
    '\r',
    '\r\n',
    '\t',
    '=',
    '+',
    '-',
    '@',
    "'",
    ' ',
    'a',
    'text',
    '=1+1',
    ';',
    '; ',
    ';=',
    '\t',
    '\v',
    '\f',
    ';"',
    '" ',
  ],
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
    '\u1680',
    '\u2003',
    '\u2028',
    '\u2029',
    '\u202f',
    '\u205f',
    '\u3000',
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

/** JSON, as a query gives it for lists. */
const listValue = (random: Random) =>
  Buffer.from(
    JSON.stringify(Array.from({ length: random.below(4) }, () => textValue(random).toString('utf8'))),
  );
const pairsValue = (random: Random) =>
  Buffer.from(
    JSON.stringify(
      Array.from({ length: random.below(5) }, () => [
        1 + random.below(3),
        random.oneIn(4) ? null : textValue(random).toString('utf8'),
      ]),
    ),
  );

function someCase(random: Random): Case {
  const columns = Array.from({ length: 1 + random.below(random.oneIn(2) ? 2 : 12) }, () =>
    random.pick(types),
  );
  const ofKind = (once: number) =>
    columns.flatMap((type, index) =>
      index > 0 && type === Types.VAR_STRING && random.oneIn(once) ? [`Column ${index}`] : [],
    );
  const lists = ofKind(8);
  const html = ofKind(8);
  const hasCustomFields = random.oneIn(6);
  const someRow = () => [
    ...columns.map((type, index) =>
      lists.includes(`Column ${index}`) && !random.oneIn(6) ? listValue(random) : someValue(type, random),
    ),
    ...(hasCustomFields ? [random.oneIn(6) ? null : pairsValue(random)] : []),
  ];
  const listsAreWhole = (row: Value[]) =>
    row.map((value, index) => (lists.includes(`Column ${index}`) && value?.[0] !== 0x5b ? null : value));
  return {
    types: hasCustomFields ? [...columns, Types.JSON] : columns,
    style: {
      lists: { columns: lists, delimiter: random.pick([';', '; ', '"', '=', '\u3000😀;"\n']) },
      html,
      raw: random.oneIn(4),
      guarded: !random.oneIn(4),
      dateStyle: random.pick(['iso', 'us']),
      longText: random.pick(['full', 'truncate', 'sidecar']),
    },
    choice: hasCustomFields ? { customFields: [1, 2].map((id) => ({ id, title: `Field ${id}` })) } : {},
    timeZone: random.pick(zones),
    rows: Array.from({ length: 1 + random.below(30) }, () => listsAreWhole(someRow())),
  };
}

describe('The bytes of a CSV', () => {
  // `FUZZ_SECONDS=3600 npx vitest run csv-writer` looks for longer, from another place on.
  const seconds = Number(process.env.FUZZ_SECONDS ?? 3);
  const first = process.env.FUZZ_SECONDS ? Date.now() % 2 ** 31 : 1;

  test(
    'are those of the plain way, and so is what the reader is told, whatever the schema, the values and the packets',
    async () => {
      const end = Date.now() + seconds * 1000;
      let seed = first;
      for (; Date.now() < end; seed++) {
        const random = new Random(seed);
        const example = someCase(random);
        const [{ text: expected, ...told }, { text: found, ...toldFast }] = [
          await plain(example),
          fast(example, random),
        ];
        expect(toldFast, `seed ${seed}`).toEqual(told);
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
