// The cells of a file outside of a report.
import { Cells } from '../../tasks/lib/cells/cells.ts';
import { type Choice, Columns, type Field } from '../../tasks/lib/cells/columns.ts';
import { type Format, rulesOf, type Style } from '../../tasks/lib/cells/rules.ts';
import { Warnings } from '../../tasks/lib/cells/warnings.ts';

type Options = Choice & { format?: Format; timeZone?: string; style?: Style };

export function cellsOf(
  fields: Field[],
  { format = 'csv', timeZone = 'UTC', style, ...choice }: Options = {},
): Cells {
  const rules = rulesOf(format, timeZone, style);
  const columns = new Columns(fields, rules, style, choice);
  return new Cells(columns, rules, new Warnings({ format, longText: rules.longText }));
}
