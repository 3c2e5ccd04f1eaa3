// Several values in one cell of a file that comes back as an overlay: written, and read again as they were.

/** A text as a file for an overlay holds it: all but what no CSV carries. */
export function storedText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** The cell of several values, for `split` to read: a delimiter within a value has a backslash before it. */
export function joined(values: string[], delimiter: string): string {
  const sign = delimiter.trim() || delimiter;
  const escaped = values.map((value, index) => {
    const parts = value.split(sign);
    const isBeforeSign = index < values.length - 1 && delimiter.startsWith(sign);
    return parts
      .map((part, place) => (place < parts.length - 1 || isBeforeSign ? part + /\\*$/.exec(part)![0] : part))
      .join(`\\${sign}`);
  });
  return escaped.join(delimiter);
}

/**
 * The values of a cell: trimmed, without empty ones and repeats. A backslash before a delimiter makes it part of the
 * value; before such a delimiter, and only there, two backslashes are one.
 */
export function split(text: string, delimiter: string): string[] {
  const sign = delimiter.trim() || delimiter;
  const values = [''];
  for (const [index, part] of text.split(sign).entries()) {
    if (index > 0) {
      const before = values.at(-1)!;
      const run = /\\*$/.exec(before)![0].length;
      values[values.length - 1] = before.slice(0, before.length - Math.ceil(run / 2));
      if (run % 2 === 1) values[values.length - 1] += sign;
      else values.push('');
    }
    values[values.length - 1] += part;
  }
  return [...new Set(values.map((value) => value.trim().toWellFormed()))].filter((value) => value !== '');
}
