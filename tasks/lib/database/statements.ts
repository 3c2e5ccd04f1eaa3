// A report's statements: one, or as many as it takes to name all chosen documents.
import { format } from './format.ts';
import type { Statement } from './rows.ts';

/** Bytes that RDS Proxy takes of a statement. */
const longestStatement = 16 * 1024 - 1;
/** Characters of a greatest id and a comma. */
const idLength = '2147483647,'.length;

/** With documents, the value `documentIds` of each statement is a JSON list of as many of them as keep it short enough. */
export function statementsOf(
  { rows: sql, documentIds }: { rows: string; documentIds?: number[] },
  values: Record<string, unknown>,
): Statement[] {
  if (!documentIds) return [{ sql, values: { ...values, documentIds: '[]' } as never }];
  const rest = format(sql, { ...values, documentIds: '[]' });
  const count = Math.floor((longestStatement - Buffer.byteLength(rest)) / idLength);
  return Array.from({ length: Math.ceil(documentIds.length / count) }, (_, index) => {
    const chosen = documentIds.slice(index * count, (index + 1) * count);
    return { sql, values: { ...values, documentIds: JSON.stringify(chosen) } as never };
  });
}
