// Statements that stay below the 16 KB at which RDS Proxy pins a connection; a single long value may go beyond.
import { type Connection, escape as sqlText } from 'mysql2/promise';

/** Bytes that all rows of a statement may take, beside its own text. */
const longestPortion = 13_500;

/** The rows of a statement, as objects. Throws the driver's error. */
export async function run<Row>(connection: Connection, sql: string, values: object = {}): Promise<Row[]> {
  const [rows] = await connection.query({ sql, values: values as never });
  return rows as Row[];
}

/** Runs a statement as often as it takes to give it all rows as its one parameter; not at all without any. */
export async function runAll(
  connection: Connection,
  sql: string,
  name: string,
  rows: unknown[],
): Promise<void> {
  for (const portion of portions(rows)) await run(connection, sql, { [name]: portion });
}

/** Parts of a list that each fit a statement. */
export function* portions<Item>(items: Item[], longest = longestPortion): Generator<Item[]> {
  let portion: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (portion.length > 0 && bytes + size > longest) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(item);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

function sizeOf(item: unknown): number {
  if (Array.isArray(item)) return item.reduce((sum: number, part) => sum + sizeOf(part), 4);
  if (typeof item !== 'string') return String(item).length + 2;
  return Buffer.byteLength(sqlText(item)) + 2;
}
