// The WebAssembly of assembly/transcoder.ts as a class. See row-writer.ts for what it is good for.
import { textOf } from '../database/packet.ts';
import { wasm } from './wasm.ts';

/** What becomes of a field; `rule` is a column of lists, HTML or custom fields, or of bits, where all is left to the rules. */
export type Kind = 'text' | 'number' | 'date' | 'time' | 'rule';

export type Column = {
  /** The place of its field in a row of the database. */
  position: number;
  kind: Kind;
  isGuarded: boolean;
};

/** What stands around the value of an XLSX cell: the number of its row comes after the start. */
export type Markup = { start: string; middle: string; end: string };

export type Plan = {
  columns: Column[];
  /** Of each column of an XLSX; a CSV has none. */
  markup?: Markup[];
  /** Whether line breaks and control characters of a CSV's texts stay. */
  isRaw: boolean;
  dateStyle: 'iso' | 'us';
  /** Types of the fields of a row, as in `Types` of mysql2. */
  columnTypes: (number | undefined)[];
  /** Takes a moment (milliseconds since 1970) to `YYYY-MM-DD HH:MM:SS` in the zone. */
  clock(moment: number): string;
};

/** The texts of a row, each read when asked for: a position from the end is negative, as for an array. */
export type LazyRow = { at(position: number): string | null | undefined };

interface Exports {
  memory: WebAssembly.Memory;
  addressOfColumns(): number;
  addressOfFields(): number;
  addressOfStrings(): number;
  addressOfInput(): number;
  addressOfOutput(): number;
  inputSize: WebAssembly.Global;
  outputSize: WebAssembly.Global;
  begin(count: number, isXlsx: boolean, isRaw: boolean): void;
  run(from: number, length: number, first: number, most: number, growth: number): void;
  consumed: WebAssembly.Global;
  written: WebAssembly.Global;
  rows: WebAssembly.Global;
}

let compiled: WebAssembly.Module | undefined;

// As in the assembly.
const columnSize = 32;
const kinds: Kind[] = ['text', 'number', 'date', 'time', 'rule'];
const mostColumns = 4096;
const mixed = 0x7ffffffe;
const secondsOfDay = 86_400;

/**
 * Bytes of output that a byte of a row may need: a quote is doubled, and `&amp;` takes five; a byte that is no UTF-8 becomes three,
 * and one that separates values a delimiter of up to 20.
 */
const growths = { csv: { plain: 6, rules: 42 }, xlsx: { plain: 16, rules: 102 } };

export class Transcoder {
  /** Where packets of whole rows are to be put. */
  readonly input: Buffer;
  readonly #output: Buffer;
  readonly #exports: Exports;
  readonly #growth: number;

  /** Whether a plan has room. */
  static takes({ columns, columnTypes }: Plan): boolean {
    return Math.max(columns.length, columnTypes.length) <= mostColumns;
  }

  /** @param cell gives the bytes of a cell, as text, that is left to the rules; its row is one after `index` others of the run */
  constructor(plan: Plan, cell: (column: number, row: LazyRow, index: number) => string) {
    compiled ??= new WebAssembly.Module(Buffer.from(wasm, 'base64'));
    const { columns, columnTypes, markup, isRaw, dateStyle, clock } = plan;
    const offsetAt = (day: number) => {
      const moment = day * secondsOfDay * 1000;
      return (Date.parse(`${clock(moment).replace(' ', 'T')}Z`) - moment) / 1000;
    };
    const transcoder = {
      cell: (column: number, at: number): number => {
        const text = cell(column, row, this.#exports.rows.value);
        const from = at - outputAt;
        if (Buffer.byteLength(text) > this.#output.length - from)
          throw new RangeError('A cell is larger than its row allows.');
        return at + this.#output.write(text, from);
      },
      offsetOn(day: number): number {
        const offset = offsetAt(day);
        return offset === offsetAt(day + 1) ? offset : mixed;
      },
    };
    const instance = new WebAssembly.Instance(compiled, { transcoder });
    this.#exports = instance.exports as unknown as Exports;
    const { memory, ...wasmExports } = this.#exports;
    const all = Buffer.from(memory.buffer);
    const outputAt = wasmExports.addressOfOutput();
    const at = (address: number, size: number) => all.subarray(address, address + size);
    this.input = at(wasmExports.addressOfInput(), wasmExports.inputSize.value);
    this.#output = at(outputAt, wasmExports.outputSize.value);

    const fields = new Int32Array(memory.buffer, wasmExports.addressOfFields(), columnTypes.length * 2);
    const row: LazyRow = {
      at(position) {
        const field = position < 0 ? position + columnTypes.length : position;
        const [start, length] = [fields[field * 2]!, fields[field * 2 + 1]!];
        return length < 0 ? null : textOf(at(start, length), columnTypes[field]);
      },
    };

    const format = markup ? 'xlsx' : 'csv';
    wasmExports.begin(columns.length, format === 'xlsx', isRaw && format === 'csv');
    this.#growth = growths[format][columns.some(({ kind }) => kind === 'rule') ? 'rules' : 'plain'];
    const strings = new Map<string, number>();
    let free = wasmExports.addressOfStrings();
    for (const [index, { position, kind, isGuarded }] of columns.entries()) {
      const record = at(wasmExports.addressOfColumns() + index * columnSize, columnSize);
      record.writeUInt32LE(Math.max(0, position), 0);
      record[4] = kinds.indexOf(kind);
      record[5] = (isGuarded ? 1 : 0) | (dateStyle === 'us' ? 2 : 0);
      const { start, middle, end } = markup?.[index] ?? { start: '', middle: '', end: '' };
      for (const [place, text] of [start, middle, end].entries()) {
        if (!strings.has(text)) {
          strings.set(text, free);
          free += all.write(text, free);
        }
        record.writeUInt32LE(strings.get(text)!, 8 + place * 8);
        record.writeUInt32LE(text.length, 12 + place * 8);
      }
    }
  }

  /**
   * Writes rows of the input, until its end, `most` rows, or the end of the room for output. None are consumed when the first
   * is too large. The output is good until the next run.
   * @param from where to begin in the input, and `end` where it ends
   * @param first the number of the first row in its sheet
   */
  run(
    from: number,
    end: number,
    first: number,
    most: number,
  ): { consumed: number; rows: number; output: Buffer } {
    this.#exports.run(from, end - from, first, most, this.#growth);
    const { consumed, rows, written } = this.#exports;
    return { consumed: consumed.value, rows: rows.value, output: this.#output.subarray(0, written.value) };
  }
}
