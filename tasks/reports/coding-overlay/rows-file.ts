// Files of an overlay whose rows come one at a time.
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { guarded, rulesOf } from '../../lib/cells/rules.ts';
import { type Properties, type Sheet, xlsx } from '../../lib/formats/xlsx.ts';
import type { OutputFile } from './storage.ts';

/** A line of CSV: RFC 4180, with CRLF. Programs that split at semicolons and tabs find the same cells. */
function line(cells: string[]): string {
  return `${cells.map((cell) => (/[",;\t\r\n]/.test(cell) || cells.length === 1 ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}

/** A file for people, with a header. It is on S3 once it is closed, and not at all when it is dropped. */
export class RowsFile {
  rows = 0;
  readonly #output: OutputFile;
  readonly #columns: string[];
  readonly #cell: (text: string) => string;
  #start: string;

  /** @param isRaw keeps cells as they are, without apostrophes before formulas */
  constructor(output: OutputFile, columns: string[], isRaw = false) {
    this.#output = output;
    this.#columns = columns;
    this.#cell = isRaw ? (text) => text : guarded;
    this.#start = `\ufeff${line(columns)}`;
  }

  /** Throws UploadFailed, as `close` does. */
  async write(cells: string[]): Promise<void> {
    this.rows++;
    await this.#output.write(this.#start + line(cells.map(this.#cell)));
    this.#start = '';
  }

  async close() {
    await this.#output.write(this.#start);
    return { columns: this.#columns, rows: this.rows, ...(await this.#output.close()) };
  }

  drop(): Promise<void> {
    return this.#output.drop();
  }
}

/** A workbook's properties, and lines of a subject and what there is to say of it, asked for after the last row. */
export type Workbook = { properties: Properties; readMe: () => [string, string][] };

/** The same as a workbook. */
export class RowsWorkbook {
  rows = 0;
  readonly #output: OutputFile;
  readonly #columns: string[];
  readonly #rows = new PassThrough({ objectMode: true });
  readonly #written: Promise<void>;

  constructor(output: OutputFile, columns: string[], { properties, readMe }: Workbook) {
    this.#output = output;
    this.#columns = columns;
    this.#written = this.#pump({ headers: columns, kinds: columns.map(() => 'text'), properties }, readMe);
    this.#written.catch(() => this.#rows.destroy());
  }

  async #pump(sheet: Sheet, readMe: () => [string, string][]): Promise<void> {
    for await (const chunk of xlsx(this.#rows, sheet, readMe)) await this.#output.write(chunk);
  }

  async write(cells: string[]): Promise<void> {
    this.rows++;
    if (!this.#rows.write(cells.map(text))) await Promise.race([once(this.#rows, 'drain'), this.#written]);
  }

  async close() {
    this.#rows.end();
    await this.#written;
    return { columns: this.#columns, rows: this.rows, ...(await this.#output.close()) };
  }

  async drop(): Promise<void> {
    this.#rows.destroy();
    await this.#written.catch(() => undefined);
    await this.#output.drop();
  }
}

const { text } = rulesOf('xlsx', 'UTC');
