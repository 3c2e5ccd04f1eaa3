// Rows to an XLSX workbook, as they come. Written by hand because exceljs, the library that people know, takes 0.8 MB more
// for every thousand rows, and those that stay small (hucre, xlsx-write-stream) are a third to a fifth as fast.
import type { Columns } from '../cells/columns.ts';
import type { Kind, Style } from '../cells/rules.ts';
import type { ReportContext } from '../context.ts';
import type { Row } from '../database/rows.ts';
import { type Entry, zip } from './zip.ts';

export type Sheet = Pick<Columns, 'headers' | 'kinds'> &
  Pick<Style, 'dateStyle'> & {
    /** The number of rows at the end that are totals of the others. */
    totals?: number;
    properties: Properties;
  };

/** The properties of the document, as File > Info shows them. */
export type Properties = {
  title: string;
  subject: string;
  creator: string;
  /** Milliseconds since 1970. */
  createdAt: number;
};

export function propertiesOf(
  { report, subject, scopeDescription, requester }: ReportContext,
  createdAt: number,
): Properties {
  return {
    title: `${report.title} - ${subject.name}`,
    subject: scopeDescription,
    creator: requester.name,
    createdAt,
  };
}

/** Excel takes no more rows, the header included. */
const lastRow = 1_048_576;
/** Bytes of a sheet's XML, which the archive takes up to 4 GiB of. */
const largestSheet = 2e9;
const chunkLength = 128 * 1024;
/** The first rows say how wide the columns are: so many, and not many more characters. */
const sample = { rows: 100, characters: 1_000_000 };

/**
 * The bytes of a workbook with the sheets `Rows`, `Rows 2` and so on, as many as the rows need, and `Read Me`.
 * @param readMe lines of a subject and what there is to say of it, asked for after the last row
 */
export function xlsx(rows: AsyncIterable<Row>, sheet: Sheet, readMe: () => [string, string][]) {
  return zip(parts(rows, sheet, readMe));
}

async function* parts(
  rows: AsyncIterable<Row>,
  { headers, kinds, dateStyle = 'iso', totals = 0, properties }: Sheet,
  readMe: () => [string, string][],
): AsyncGenerator<Entry> {
  const { title } = properties;
  // Mail gateways tell the type of a file by its first entry.
  yield part(
    '_rels/.rels',
    relationships([
      [`${documents}/officeDocument`, 'xl/workbook.xml'],
      [`${packages}/relationships/metadata/core-properties`, 'docProps/core.xml'],
    ]),
  );
  yield part('docProps/core.xml', coreProperties(properties));
  yield part('xl/styles.xml', styles(dateStyle));

  const source = rows[Symbol.asyncIterator]();
  /** Rows that were read and not yet written. */
  const ahead: Row[] = [];
  let atEnd = false;
  async function read(): Promise<Row> {
    const next = await source.next();
    if (next.done) atEnd = true;
    else ahead.push(next.value);
    return next.done ? [] : next.value;
  }

  for (let length = 0; !atEnd && ahead.length < sample.rows && length < sample.characters; )
    for (const text of await read()) length += text?.length ?? 0;
  const widths = headers.map((header, column) => widthOf(header, kinds[column]!, ahead, column));
  const names: string[] = [];

  async function* sheet(): AsyncGenerator<Buffer> {
    const letters = headers.map((_, index) => columnName(index));
    const titles = headers.map((header, index) =>
      textCell(`${letters[index]}1`, header, isRight(kinds[index]!) ? style.rightHeader : style.header),
    );
    let text = `${sheetStart(widths)}${rowStart(1, headers, widths)}${titles.join('')}</row>`;
    let bytes = 0;
    let number = 1;
    let lastFiltered = 1;
    while (ahead.length > 0 && number < lastRow && bytes < largestSheet) {
      while (!atEnd && ahead.length <= totals) await read();
      const isTotal = ahead.length <= totals;
      number++;
      if (!isTotal) lastFiltered = number;
      const row = ahead.shift()!;
      text += rowStart(number, row, widths);
      for (const [column, value] of row.entries()) {
        if (value) text += cell(`${letters[column]}${number}`, value, kinds[column]!, isTotal);
      }
      text += '</row>';
      if (text.length > chunkLength) {
        const chunk = Buffer.from(text);
        yield chunk;
        bytes += chunk.length;
        text = '';
      }
      if (!atEnd && ahead.length === 0) await read();
    }
    const last = letters.at(-1);
    yield Buffer.from(
      `${text}</sheetData><autoFilter ref="A1:${last}${lastFiltered}"/>${printed('landscape', title, paperFor(widths))}\
<ignoredErrors><ignoredError sqref="A1:${last}${number}" numberStoredAsText="1"/></ignoredErrors></worksheet>`,
    );
  }

  do {
    names.push(names.length === 0 ? 'Rows' : `Rows ${names.length + 1}`);
    yield { name: sheetPath(names.length), content: sheet() };
  } while (ahead.length > 0);

  names.push('Read Me');
  yield part(sheetPath(names.length), readMeSheet(readMe(), title));
  yield part('xl/workbook.xml', workbook(names));
  const sheets = names.map((_, index): Part => [`${documents}/worksheet`, `/${sheetPath(index + 1)}`]);
  yield part(
    'xl/_rels/workbook.xml.rels',
    relationships([...sheets, [`${documents}/styles`, '/xl/styles.xml']]),
  );
  yield part('[Content_Types].xml', contentTypes(names.length));
}

function part(name: string, text: string): Entry {
  return { name, content: [Buffer.from(text)] };
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const documents = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const sheetPath = (number: number) => `xl/worksheets/sheet${number}.xml`;

/** The cell formats below, by position. An edited `000123` keeps its zeros where the format is text. */
const style = {
  header: 1,
  rightHeader: 2,
  text: 3,
  place: 4,
  number: 5,
  fraction: 6,
  date: 7,
  time: 8,
  duration: 9,
};
/** From a format to the same in bold, for totals. */
const bold = 7;
const dayFormats = { iso: 'yyyy\\-mm\\-dd', us: 'mm/dd/yyyy' };

function styles(dateStyle: 'iso' | 'us'): string {
  const format = (id: number, alignment: string, rest = '') =>
    `<xf numFmtId="${id}"${rest} applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" ${alignment}/></xf>`;
  const [left, right] = ['horizontal="left"', 'horizontal="right" indent="1"'];
  const wrapped = 'wrapText="1"';
  const header = ' fontId="1" fillId="2" borderId="1" applyFont="1" applyFill="1" applyBorder="1"';
  const cells = (rest?: string) => [
    format(49, `${left} ${wrapped}`, rest),
    format(0, right, rest),
    format(3, right, rest),
    format(4, right, rest),
    format(164, left, rest),
    format(165, left, rest),
    format(46, right, rest),
  ];
  const formats = [
    '<xf/>',
    format(49, `${left} ${wrapped}`, header),
    format(49, `${right} ${wrapped}`, header),
    ...cells(),
    ...cells(' fontId="1" applyFont="1"'),
  ];
  const day = dayFormats[dateStyle];
  return `${declaration}<styleSheet xmlns="${main}"><numFmts count="2">\
<numFmt numFmtId="164" formatCode="${day}"/><numFmt numFmtId="165" formatCode="${day}\\ hh:mm:ss"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>\
<fill><patternFill patternType="solid"><fgColor rgb="FFEDEDED"/></patternFill></fill></fills>\
<borders count="2"><border/><border><left/><right/><top/><bottom style="thin"/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="${formats.length}">${formats.join('')}</cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
}

function workbook(names: string[]): string {
  const sheets = names.map(
    (name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="r${index + 1}"/>`,
  );
  // Each printed page of rows begins with the header.
  const titles = names
    .slice(0, -1)
    .map(
      (name, index) =>
        `<definedName name="_xlnm.Print_Titles" localSheetId="${index}">'${name}'!$1:$1</definedName>`,
    );
  return `${declaration}<workbook xmlns="${main}" xmlns:r="${documents}"><bookViews><workbookView/></bookViews>\
<sheets>${sheets.join('')}</sheets><definedNames>${titles.join('')}</definedNames></workbook>`;
}

type Part = [type: string, target: string];

function relationships(parts: Part[]): string {
  const list = parts.map(
    ([type, target], index) => `<Relationship Id="r${index + 1}" Type="${type}" Target="${target}"/>`,
  );
  return `${declaration}<Relationships xmlns="${packages}/relationships">${list.join('')}</Relationships>`;
}

function contentTypes(sheets: number): string {
  const paths = Array.from({ length: sheets }, (_, index) => ['worksheet', sheetPath(index + 1)]);
  const list = [['sheet.main', 'xl/workbook.xml'], ['styles', 'xl/styles.xml'], ...paths].map(
    ([type, path]) => `<Override PartName="/${path}" ContentType="${types}.${type}+xml"/>`,
  );
  return `${declaration}<Types xmlns="${packages}/content-types"><Default Extension="xml" ContentType="application/xml"/>\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${list.join('')}\
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`;
}

function coreProperties({ title, subject, creator, createdAt }: Properties): string {
  const created = `${new Date(createdAt).toISOString().slice(0, 19)}Z`;
  return `${declaration}<cp:coreProperties xmlns:cp="${packages}/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${escapeXml(title)}</dc:title>\
<dc:subject>${escapeXml(subject)}</dc:subject><dc:creator>${escapeXml(creator)}</dc:creator>\
<dcterms:created xsi:type="dcterms:W3CDTF">${created}</dcterms:created></cp:coreProperties>`;
}

const sheetOpening = `${declaration}<worksheet xmlns="${main}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`;

/** Up to the rows: the header stays in view. */
function sheetStart(widths: number[]): string {
  const pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  return `${sheetOpening}<sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews>\
${columnWidths(widths)}<sheetData>`;
}

/** Points of a line, and the lines of the highest row that there may be. */
const lineHeight = 15;
const mostLines = 27;

/** Excel makes room for texts that wrap by itself; LibreOffice, for one, does as it is told. */
function rowStart(number: number, texts: Row, widths: number[]): string {
  let lines = 1;
  for (let column = 0; column < widths.length; column++) {
    const [text, width] = [texts[column], widths[column]!];
    if (text && (text.length > width || text.includes('\n'))) lines = Math.max(lines, linesOf(text, width));
  }
  return lines > 1 ? `<row r="${number}" ht="${lines * lineHeight}">` : `<row r="${number}">`;
}

/** The lines of a text that wraps, where words end. */
function linesOf(text: string, width: number): number {
  let lines = 0;
  for (const line of text.split('\n')) {
    lines++;
    for (let start = 0; line.length - start > width; lines++) {
      if (lines >= mostLines) return mostLines;
      const blank = line.lastIndexOf(' ', start + width);
      start = blank > start ? blank + 1 : start + width;
    }
  }
  return Math.min(lines, mostLines);
}

/** Widths in characters: the least of each kind, and the most of texts, which wrap where words end, as headers do. */
const leastWidths = { text: 8, place: 8, number: 10, date: 12, time: 20, duration: 10 };
const widest = { text: 30, word: 45, longText: 60 };

function widthOf(header: string, kind: Kind, sample: Row[], column: number): number {
  const texts = sample.map((row) => row[column] ?? '');
  // More than five lines of the usual width.
  if (kind === 'text' && longest(texts) > 5 * widest.text) return widest.longText;
  const words = texts.flatMap((text) => text.split(/\s/));
  const lines = texts.flatMap((text) => text.split('\n'));
  return Math.max(
    // The button of the filter takes some of it.
    Math.min(longest(header.split(/\s/)) + 4, widest.text),
    leastWidths[kind],
    Math.min(longest(words) + 2, widest.word),
    Math.min(longest(lines) + 2, widest.text),
  );
}

function longest(texts: string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

function readMeSheet(lines: [string, string][], title: string): string {
  const widths = [28, 100];
  const rows = lines.map(([subject, words], index) => {
    const row = index + 1;
    const cells = textCell(`A${row}`, subject, style.text + bold) + textCell(`B${row}`, words, style.text);
    return `${rowStart(row, [subject, words], widths)}${cells}</row>`;
  });
  return `${sheetOpening}${columnWidths(widths)}<sheetData>${rows.join('')}</sheetData>${printed('portrait', title, papers.letter)}</worksheet>`;
}

/** Excel's numbers of the sizes that American offices have, 11, 14 and 17 inches wide across. */
const papers = { letter: 1, legal: 5, tabloid: 3 };

/** Many columns on a small page are too small to read. */
function paperFor(widths: number[]): number {
  const width = widths.reduce((sum, width) => sum + width, 0);
  if (width > 240) return papers.tabloid;
  return width > 160 ? papers.legal : papers.letter;
}

/** One page wide and as many high as it takes, with the title and the number of each page at its foot. */
function printed(orientation: 'landscape' | 'portrait', title: string, paper: number): string {
  // A footer takes 255 characters; `&` begins its codes.
  const foot = `&L${title.slice(0, 100).replaceAll('&', '&&')}&RPage &P of &N`;
  return `<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.75" header="0.3" footer="0.3"/>\
<pageSetup paperSize="${paper}" orientation="${orientation}" fitToHeight="0"/><headerFooter><oddFooter>${escapeXml(foot)}</oddFooter></headerFooter>`;
}

function columnWidths(widths: number[]): string {
  const list = widths.map((width, index) => {
    const column = index + 1;
    return `<col min="${column}" max="${column}" width="${width}" customWidth="1"/>`;
  });
  return `<cols>${list.join('')}</cols>`;
}

/** `A`, … `Z`, `AA`, … */
function columnName(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : columnName(Math.floor(index / 26) - 1) + last;
}

function cell(place: string, value: string, kind: Kind, isTotal: boolean): string {
  const known = kind === 'text' ? undefined : numberOf(value, kind);
  if (known === undefined) return textCell(place, value, style.text + (isTotal ? bold : 0));
  const format = kind === 'number' && value.includes('.') ? style.fraction : style[kind];
  return `<c r="${place}" s="${format + (isTotal ? bold : 0)}"><v>${known}</v></c>`;
}

/** The number that a value is to Excel; undefined when it would be changed. */
function numberOf(value: string, kind: Kind): string | number | undefined {
  if (kind === 'number' || kind === 'place') return isExact(value) ? value : undefined;
  return kind === 'duration' ? durationDays(value) : excelDays(value);
}

/** Numbers stand on the right, and so do their headers. */
function isRight(kind: Kind): boolean {
  return kind === 'number' || kind === 'place' || kind === 'duration';
}

/** `26:15:00` in days. */
function durationDays(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^(\d{1,6}):(\d\d):(\d\d)$/.exec(text)?.map(Number) ?? [];
  return hours === undefined ? undefined : (hours * 3600 + minutes! * 60 + seconds!) / 86_400;
}

/** An inline string is never a formula, whatever it starts with. */
function textCell(place: string, text: string, format: number): string {
  return `<c r="${place}" s="${format}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

const number = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/** Excel keeps 15 digits of a number, and drops zeros in front. */
function isExact(text: string): boolean {
  return number.test(text) && (text.length <= 15 || text.replaceAll(/\D/g, '').length <= 15);
}

/** 1900 is a leap year to Excel, so that days count rightly from here on. */
const firstDay = '1900-03-01';
const dayZero = Date.UTC(1899, 11, 30);

/** Days since the end of 1899, of a day or a time in any style, when Excel knows it. */
function excelDays(styled: string): number | undefined {
  const text = styled.replace(/^(\d\d)\/(\d\d)\/(\d{4})(?!\d)/, '$3-$1-$2');
  if (text.length < firstDay.length || text < firstDay) return undefined;
  const moment = Date.parse(`${text.slice(0, 10)}T${text.slice(11) || '00:00:00'}Z`);
  // To Date, February 30 is in March.
  if (new Date(moment).getUTCDate() !== Number(text.slice(8, 10))) return undefined;
  return (moment - dayZero) / (24 * 60 * 60 * 1000);
}

/** Characters that XML cannot hold. Excel would read `_x0041_` as an A, so the underscore of such a text becomes its number. */
const special = /[&<>\ufffe\uffff]|_(?=x[\dA-F]{4}_)/gi;
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', _: '_x005F_' };

function escapeXml(text: string): string {
  return text.replaceAll(special, (character) => escapes[character] ?? '');
}
