// An XLSX reader, independent of the writer under test.
import assert from 'node:assert/strict';
import { crc32, inflateRawSync } from 'node:zlib';

export type Cell = {
  /** A number if it is one for Excel. */
  value: string | number;
  /** Excel's format code, if the cell has one. */
  format?: string;
  bold: boolean;
  right?: true;
};
export type Sheet = {
  xml: string;
  /** By address, such as `B2`. */
  cells: Record<string, Cell>;
};

/** The sheets of a file by name, in order. */
export function readXlsx(bytes: Uint8Array): Record<string, Sheet> {
  const parts = unzip(Buffer.from(bytes));
  const formats = formatsOf(parts['xl/styles.xml']!);
  const types = parts['[Content_Types].xml']!;
  const targets = attributesOf(parts['xl/_rels/workbook.xml.rels']!, 'Relationship');
  const sheets = attributesOf(parts['xl/workbook.xml']!, 'sheet').map((sheet) => {
    const { Target } = targets.find(({ Id }) => Id === sheet['r:id'])!;
    assert(types.includes(`PartName="${Target}"`));
    const xml = parts[Target!.slice(1)]!;
    return [sheet.name!, { xml, cells: cellsOf(xml, formats) }] as const;
  });
  return Object.fromEntries(sheets);
}

/** The text of one file of the archive. */
export function partOf(bytes: Uint8Array, name: string): string {
  return unzip(Buffer.from(bytes))[name]!;
}

/** The rows of a sheet. An empty cell is null. */
export function rowsOfSheet({ xml, cells }: Sheet): (string | number | null)[][] {
  const [, letters, last] = /<ignoredError sqref="A1:([A-Z]+)(\d+)"/.exec(xml)!;
  const columns = [columnName(0)];
  while (columns.at(-1) !== letters) columns.push(columnName(columns.length));
  return Array.from({ length: Number(last) }, (_, row) =>
    columns.map((column) => cells[`${column}${row + 1}`]?.value ?? null),
  );
}

/** The files of an archive. Checks the size and the CRC of each. */
function unzip(archive: Buffer): Record<string, string> {
  const end = archive.length - 22;
  assert.equal(archive.readUInt32LE(end), 0x06054b50);
  let entry = archive.readUInt32LE(end + 16);
  const files: Record<string, string> = {};
  for (let count = archive.readUInt16LE(end + 10); count > 0; count--) {
    assert.equal(archive.readUInt32LE(entry), 0x02014b50);
    const [sum, packed, size] = [16, 20, 24].map((place) => archive.readUInt32LE(entry + place));
    const [name, extra, comment] = [28, 30, 32].map((place) => archive.readUInt16LE(entry + place));
    const header = archive.readUInt32LE(entry + 42);
    assert.equal(archive.readUInt32LE(header), 0x04034b50);
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const content = inflateRawSync(archive.subarray(start, start + packed!));
    assert.deepEqual([content.length, crc32(content)], [size, sum]);
    files[archive.toString('utf8', entry + 46, entry + 46 + name!)] = content.toString('utf8');
    entry += 46 + name! + extra! + comment!;
  }
  assert.equal(entry, end);
  return files;
}

function cellsOf(xml: string, formats: Omit<Cell, 'value'>[]): Record<string, Cell> {
  const cell =
    /<c r="([A-Z]+\d+)"(?: s="(\d+)")?(?:><v>([^<]*)<\/v>| t="inlineStr"><is><t[^>]*>([^<]*)<\/t><\/is>)<\/c>/g;
  return Object.fromEntries(
    [...xml.matchAll(cell)].map(([, place, style = 0, number, text]) => {
      const value = number === undefined ? unescapeXml(text!) : Number(number);
      return [place, { value, ...formats[Number(style)]! }];
    }),
  );
}

function formatsOf(xml: string) {
  const codes = attributesOf(xml, 'numFmt').map(({ numFmtId, formatCode }) => [numFmtId, formatCode]);
  const byId: Record<string, string> = {
    3: '#,##0',
    4: '#,##0.00',
    46: '[h]:mm:ss',
    49: '@',
    ...Object.fromEntries(codes),
  };
  const formats = xml.slice(xml.indexOf('<cellXfs'), xml.indexOf('</cellXfs')).split('<xf').slice(1);
  return formats.map((text) => {
    const [{ numFmtId, fontId } = {}] = attributesOf(`<xf${text}`, 'xf');
    return {
      ...(Number(numFmtId) > 0 && { format: byId[numFmtId!]!.replaceAll('\\', '') }),
      bold: fontId === '1',
      ...(text.includes('horizontal="right"') && { right: true as const }),
    };
  });
}

function attributesOf(xml: string, element: string): Record<string, string>[] {
  return [...xml.matchAll(new RegExp(`<${element}( [^>]*?)?/?>`, 'g'))].map(([, attributes = '']) =>
    Object.fromEntries(
      [...attributes.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    ),
  );
}

/** Also decodes Excel's own escapes. */
function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/_x([\dA-F]{4})_/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

function columnName(index: number): string {
  const letter = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index % 26]!;
  return index < 26 ? letter : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[Math.floor(index / 26) - 1]! + letter;
}
