// Lines of CSV, for files whose rows come one at a time.

/** RFC 4180, with CRLF. */
export function line(cells: string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) || cells.length === 1 ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}

/** An apostrophe keeps Excel from running a text; for files that people read. */
export function guarded(text: string): string {
  return /^[=+\-@\t\n\r＝＋－＠]/.test(text) ? `'${text}` : text;
}
