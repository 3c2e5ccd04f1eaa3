// The server's warnings: where a value does not fit, or is not what it should be, the server cuts or changes it, and says so
// only there.
import type { Query } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { AnswerIncomplete, databaseError } from '../errors.ts';
import { count as counted, warningTexts } from '../texts.ts';

/** Codes that say nothing of values: of words and character sets that are deprecated, and of an index that was not used. */
const harmless = new Set([1287, 1681, 3170, 3719, 3720, 3778]);
/** A joined text that was cut, a text longer than a packet, which is NULL, and rows that were not looked at. */
const losses = new Set([1260, 1301, 1931]);
/** MariaDB's errors of JSON, after which a value is NULL. To MySQL they are errors. */
const isJsonError = (code: number) => code >= 4035 && code <= 4044;
/** Milliseconds for the texts of warnings. */
const timeout = 10_000;

type Packet = { isEOF(): boolean; eofWarningCount(): number };
type Command = { execute(packet: Packet | undefined, connection: unknown): boolean };

/** Counts the warnings of a query. The driver leaves out what the closing packet says of them. To be asked when the query has ended. */
export function warningsOf(query: Query): () => number {
  const command = query as unknown as Command;
  const { execute } = command;
  let count = 0;
  command.execute = (packet, connection) => {
    // As 16 bits with a sign in the driver.
    if (packet?.isEOF()) count = packet.eofWarningCount() & 0xffff;
    return execute.call(command, packet, connection);
  };
  return () => count;
}

type Warning = { Level: string; Code: number; Message: string };

/**
 * Adds to a report's warnings that the last statement changed values. Throws AnswerIncomplete when it lost some, or when there
 * is no list to add to.
 * @param count of the statement's warnings, not 0. The server keeps only the first of them, by default 64 or 1,024
 */
export async function heed(connection: Connection, count: number, list?: string[]): Promise<void> {
  const [rows] = await connection.query({ sql: 'SHOW WARNINGS', timeout }).catch((error) => {
    throw databaseError(error);
  });
  const kept = rows as Warning[];
  const serious = kept.filter(({ Level, Code }) => Level !== 'Note' && !harmless.has(Code));
  const all = serious.length + Math.max(0, count - kept.length);
  if (all === 0) return;
  const texts = [...new Set(serious.map(textOf))].slice(0, 5).join('; ') || 'no text';
  if (!list || serious.some(({ Code }) => losses.has(Code) || isJsonError(Code)))
    throw new AnswerIncomplete(`The database could not give ${counted(all, 'value')} whole (${texts}).`);
  list.push(warningTexts.changedByServer(all, texts));
}

/** Without the value, which may be confidential: `Truncated incorrect seconds value (1292)`. */
function textOf({ Code, Message }: Warning): string {
  return `${Message.split(/:?\s*['"]/, 1)[0]!.replace(/\.$/, '')} (${Code})`;
}
