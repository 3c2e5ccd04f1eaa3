// Lines of CSV, for files whose rows come one at a time.

/** RFC 4180, with CRLF. Programs that split at semicolons and tabs find the same cells. */
export function line(cells: string[]): string {
  return `${cells.map((cell) => (/[",;\t\r\n]/.test(cell) || cells.length === 1 ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
