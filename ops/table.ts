/** Rows as a table for people, with a header; a cell is one line. */
export function table(headers: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [headers, ...rows].map((row) =>
    row.map((cell) => String(cell ?? '').replaceAll(/\s+/g, ' ')),
  );
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A moment in UTC to the second: `2026-11-26 06:31:14`. */
export const moment = (date: Date | undefined) =>
  date ? date.toISOString().slice(0, 19).replace('T', ' ') : '';

/** A number with its noun: `1 report`, `2 reports`. */
export const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
