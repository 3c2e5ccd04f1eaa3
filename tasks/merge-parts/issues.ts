// The cases that a report across cases could not read: a warning, and a list.
import { rulesOf } from '../lib/cells/rules.ts';
import type { CaseItem, Outcome } from '../lib/files/parts.ts';
import { csv } from '../lib/formats/csv.ts';
import { warningTexts } from '../lib/texts.ts';

export type Issue = { item: CaseItem; outcome: Extract<Outcome, { status: 'unavailable' }> };

/** A warning lists so many databases by name; a Read Me has more room. */
const maxNames = 10;
const maxLines = 500;

/** The warning; empty when every database was read. */
export function issuesNotes(issues: Issue[], chosen: number): string[] {
  if (issues.length === 0) return [];
  return [warningTexts.leftOut(chosen - issues.length, chosen, named(issues.map(({ item }) => item)))];
}

/**
 * The server's warnings, each once with the databases that it came from.
 * @param found the databases by warning
 */
export function changesNotes(found: Map<string, CaseItem[]>): string[] {
  return [...found].map(([warning, items]) => warningTexts.ofDatabases(warning, named(items)));
}

function named(items: CaseItem[]): string {
  return namesIn(items, maxNames).join(', ');
}

/** The names of databases with their ids, and how many more there are. */
export function namesIn(items: CaseItem[], most = maxLines): string[] {
  const names = items.slice(0, most).map(({ name, caseId }) => `${name} (${caseId})`);
  const more = items.length - names.length;
  return more > 0 ? [...names, `and ${more.toLocaleString('en')} more`] : names;
}

/** The list of issues as CSV. */
export async function issuesFile(issues: Issue[]): Promise<string> {
  const { text, guard } = rulesOf('csv', 'UTC');
  const writer = csv(['Database ID', 'Database Name', 'Problem', 'What To Do']);
  for (const { item, outcome } of issues) {
    const values = [String(item.caseId), item.name, outcome.problem, outcome.whatToDo];
    writer.write(values.map((value) => guard(text(value))));
  }
  writer.end();
  return (await writer.toArray()).join('');
}
