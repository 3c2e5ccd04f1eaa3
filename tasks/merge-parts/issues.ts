// What a report across cases says of those that could not be read.
import type { FieldPacket } from 'mysql2';
import { Types } from 'mysql2';
import { Cells } from '../lib/cells/cells.ts';
import type { CaseItem, Outcome } from '../lib/files/parts.ts';
import { csv } from '../lib/formats/csv.ts';

export type Issue = { item: CaseItem; outcome: Extract<Outcome, { status: 'unavailable' }> };

/** Names that a mail has room for. */
const mostNames = 10;

/** Empty when every database was read. */
export function issuesNotes(issues: Issue[], chosen: number): string[] {
  if (issues.length === 0) return [];
  const names = issues.slice(0, mostNames).map(({ item }) => `${item.name} (${item.caseId})`);
  const more = issues.length > mostNames ? [`and ${issues.length - mostNames} more`] : [];
  const read = (chosen - issues.length).toLocaleString('en');
  return [
    `The report covers ${read} of ${chosen.toLocaleString('en')} databases. These could not be read: ` +
      `${[...names, ...more].join(', ')}. The list of issues says why, and what to do.`,
  ];
}

/** The list of issues as CSV. */
export async function issuesFile(issues: Issue[]): Promise<string> {
  const names = ['Database ID', 'Database Name', 'Problem', 'What To Do'];
  const fields = names.map((name) => ({ name, columnType: Types.VAR_STRING }) as FieldPacket);
  const cells = new Cells(fields, 'UTC');
  const rows = issues.map(({ item, outcome }) =>
    cells.format([String(item.caseId), item.name, outcome.problem, outcome.whatToDo]),
  );
  const writer = csv(cells.headers);
  for (const row of rows) writer.write(row);
  writer.end();
  return (await writer.toArray()).join('');
}
