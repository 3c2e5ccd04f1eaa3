// Times, days and sizes as people write them. Files and events keep the forms that machines read.

/** `December 2, 2026, 12:30 PM Central`. @param moment milliseconds since 1970 */
export function momentInWords(moment: number, timeZone: string): string {
  const intl = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { timeZone, ...options });
  const day = intl({ dateStyle: 'long' }).format(moment);
  // Intl writes a narrow space before PM, which some mail programs show as a box.
  const time = intl({ timeStyle: 'short' }).format(moment).replace(/\s/g, ' ');
  const zone = intl({ timeZoneName: 'longGeneric' })
    .formatToParts(moment)
    .find(({ type }) => type === 'timeZoneName')!.value;
  const short = zone
    .replace(/^(Eastern|Central|Mountain|Pacific) Time\b.*/, '$1')
    .replace('GMT+00:00', 'UTC');
  return `${day}, ${time} ${short}`;
}

/** `November 16 to 22, 2026`, `December 28, 2026 to January 3, 2027`. Days are `YYYY-MM-DD`, both included. */
export function daysInWords(from: string, to: string = from): string {
  const [first, last] = [dateOf(from), dateOf(to)];
  if (from === to) return `${first.month} ${first.day}, ${first.year}`;
  if (first.year !== last.year)
    return `${first.month} ${first.day}, ${first.year} to ${last.month} ${last.day}, ${last.year}`;
  return `${first.month} ${first.day} to ${first.month === last.month ? '' : `${last.month} `}${last.day}, ${last.year}`;
}

/** `Nov 16 to 22`, for subjects. */
export function daysInShort(from: string, to: string = from): string {
  return daysInWords(from, to)
    .replace(/([A-Z][a-z]{2})[a-z]*/g, '$1')
    .replace(/, (\d{4})$/, '')
    .replace(/, \d{4} to/, ' to');
}

/** `512 bytes`, `312 KB`, `8.7 MB`: as Finder and most mail programs count, a thousand bytes each. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let size = bytes / 1000;
  // 999,950 bytes would be 1,000 KB.
  while (Math.round(size) >= 1000 && units.length > 1) {
    size /= 1000;
    units.shift();
  }
  return `${size < 9.95 && units[0] !== 'KB' ? size.toFixed(1) : Math.round(size)} ${units[0]}`;
}

function dateOf(day: string) {
  const date = new Date(`${day}T00:00:00Z`);
  const month = date.toLocaleString('en-US', { month: 'long', timeZone: 'UTC' });
  return { month, day: date.getUTCDate(), year: date.getUTCFullYear() };
}
