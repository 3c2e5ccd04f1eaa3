// The WebAssembly of assembly/transcoder.ts as a class. See csv-writer.ts for what it is good for.
import { Types } from 'mysql2';
import type { ColumnPlan } from '../cells/columns.ts';
import { type LazyRow, textOf } from '../database/packet.ts';
import { wasm } from './wasm.ts';

export type Plan = {
  columns: ColumnPlan[];
  /** Types of the fields of a row, as in `Types` of mysql2. */
  columnTypes: (number | undefined)[];
  /** The place of a field whose text concerns the reader of the file, or -1. Rows with one are left to the rules. */
  toldField: number;
  /** Whether line breaks and control characters of texts stay. */
  isRaw: boolean;
  dateStyle: 'iso' | 'us';
  /** Takes a moment (milliseconds since 1970) to `YYYY-MM-DD HH:MM:SS` in the zone. */
  clock(moment: number): string;
};

interface Exports {
  memory: WebAssembly.Memory;
  addressOfColumns(): number;
  addressOfFields(): number;
  addressOfInput(): number;
  addressOfOutput(): number;
  inputSize: WebAssembly.Global;
  outputSize: WebAssembly.Global;
  begin(count: number, isRaw: boolean, told: number): void;
  run(from: number, length: number, growth: number): void;
  consumed: WebAssembly.Global;
  written: WebAssembly.Global;
  rows: WebAssembly.Global;
}

let compiled: WebAssembly.Module | undefined;

// As in the assembly.
const columnSize = 8;
const kinds = ['text', 'number', 'date', 'time'];
const byRule = kinds.length;
const mostColumns = 4096;
const mixed = 0x7ffffffe;

const millisecondsOfDay = 86_400_000;
/**
 * Bytes of output that a byte of a row may need at most: a quote is doubled, a byte that is no UTF-8 becomes three, and one that
 * separates the values of a list a delimiter.
 */
const growths = { plain: 6, rules: 42 };

export class Transcoder {
  /** Where whole rows are to be put. */
  readonly input: Buffer;
  readonly #output: Buffer;
  readonly #exports: Exports;
  readonly #growth: number;

  /** Whether a plan has room. */
  static takes({ columns, columnTypes }: Plan): boolean {
    return Math.max(columns.length, columnTypes.length) <= mostColumns;
  }

  /** @param cell gives a cell that is left to the rules, as the file has it; its row comes after `index` others of the run */
  constructor(plan: Plan, cell: (column: number, row: LazyRow, index: number) => string) {
    compiled ??= new WebAssembly.Module(Buffer.from(wasm, 'base64'));
    const { columns, columnTypes, toldField, isRaw, dateStyle, clock } = plan;
    const offsetAt = (day: number) => {
      const moment = day * millisecondsOfDay;
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

    wasmExports.begin(columns.length, isRaw, toldField);
    let growth = growths.plain;
    for (const [index, { position, kind, isGuarded }] of columns.entries()) {
      // A BIT is not sent as text.
      const isPlain = kind !== 'rule' && columnTypes[position] !== Types.BIT;
      if (!isPlain) growth = growths.rules;
      const record = at(wasmExports.addressOfColumns() + index * columnSize, columnSize);
      record.writeUInt32LE(Math.max(0, position));
      record[4] = isPlain ? kinds.indexOf(kind) : byRule;
      record[5] = (isGuarded ? 1 : 0) | (dateStyle === 'us' ? 2 : 0);
    }
    this.#growth = growth;
  }

  /**
   * Writes rows of the input until its end, that of the room for output, or a row that is left to the rules. None are consumed when that is the first. The output
   * is good until the next run.
   * @param from where to begin in the input, and `end` where it ends
   */
  run(from: number, end: number): { consumed: number; rows: number; output: Buffer } {
    this.#exports.run(from, end - from, this.#growth);
    const { consumed, rows, written } = this.#exports;
    return { consumed: consumed.value, rows: rows.value, output: this.#output.subarray(0, written.value) };
  }
}
