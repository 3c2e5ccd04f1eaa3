// Statements with their values. The driver's own way stays out of it: it escapes by backslashes, which a server may be told to
// take for themselves, and it looks for placeholders in comments.

/** Texts and identifiers in quotes are no place for a value; comments and indentation only take room. */
const parts = /('(?:[^'\\]|\\.|'')*'|`[^`]*`)|-- .*|(?<=\n) +|:([a-z]\w*)/gi;

/**
 * Puts values in place of `:name`, and leaves comments and indentation out. What is undefined becomes NULL, a list `a, b`, and a list of lists `(a, b), (c, d)`.
 * Throws TypeError for other objects.
 */
export function format(sql: string, values: unknown): string {
  const named = values as Record<string, unknown>;
  return sql.replaceAll(parts, (_, quoted = '', name?: string) => (name ? literal(named[name]) : quoted));
}

function literal(value: unknown): string {
  switch (typeof value) {
    case 'string':
      // No text ends before its end, whether or not backslashes escape. The session's sql_mode says that they do.
      return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value === undefined || value === null) return 'NULL';
  if (!Array.isArray(value)) throw new TypeError('A statement takes no objects.');
  return value.map((item) => (Array.isArray(item) ? `(${literal(item)})` : literal(item))).join(', ');
}
