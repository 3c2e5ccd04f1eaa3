// The custom fields of documents, in the one place that knows where a case keeps them. Older cases, the only ones that
// are read, keep the values as tags; newer ones keep them on S3, and load-context refuses to look for them there.
import type { CustomField } from '../cells/columns.ts';
import { InvalidRequest } from '../errors.ts';
import values from './custom-field-values.sql';
import list from './custom-fields.sql';

/**
 * A query on `exhibits` with the values of these custom fields in its last column, in place of `{customFieldValues}`.
 * @param ids of custom fields; when there are none, nothing is looked up
 */
export function withCustomFields(
  rows: string,
  ids: number[],
): { rows: string; values: Record<string, unknown>; customFields: string | undefined } {
  return {
    rows: rows.replace('{customFieldValues}', () => values),
    values: { hasCustomFields: ids.length > 0, customFieldIds: ids.length > 0 ? ids : undefined },
    customFields: ids.length > 0 ? list : undefined,
  };
}

/** The titles of custom fields by id. Throws InvalidRequest, naming those that the case does not have. */
export function titlesOf(ids: number[], found: CustomField[]): Map<number, string> {
  const titles = new Map(found.map(({ id, title }) => [id, title]));
  const unknown = ids.filter((id) => !titles.has(id));
  if (unknown.length > 0)
    throw new InvalidRequest(`parameters.columns: This case has no custom field ${unknown.join(', ')}.`);
  return titles;
}
