// The cells of a file outside of a report.
import { Cells } from '../../tasks/lib/cells/cells.ts';
import { type Choice, Columns, type Field } from '../../tasks/lib/cells/columns.ts';
import { type Format, rulesOf } from '../../tasks/lib/cells/rules.ts';
import { Warnings } from '../../tasks/lib/cells/warnings.ts';

export function cellsOf(
  fields: Field[],
  { format = 'csv', timeZone = 'UTC', ...choice }: Choice & { format?: Format; timeZone?: string } = {},
): Cells {
  const rules = rulesOf(format, timeZone);
  const columns = new Columns(fields, rules, {}, choice);
  return new Cells(columns, rules, new Warnings({ format, longText: rules.longText }));
}
