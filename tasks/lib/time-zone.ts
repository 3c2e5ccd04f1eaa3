// UTC times as people in a time zone read them.

/** Whether a name is an IANA time zone. Bare offsets such as +05:00 are not: they know no daylight saving. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Every offset in use since 1970 changes on a quarter of an hour. */
const quarter = 15 * 60 * 1000;
const hour = 4 * quarter;
/** Between these Intl writes years with four digits; no offset changes beyond that a database could hold. */
const firstYears = Date.UTC(1000, 0, 2);
const lastDay = Date.UTC(9999, 11, 31);

/**
 * The moments between which whole days of a time zone lie, as MySQL has them in UTC: from the first on, before the
 * second. Days of 23 and of 25 hours are as long as they are. A day (`YYYY-MM-DD`) that is missing gives null.
 */
export function boundsOf(timeZone: string, from?: string, to?: string) {
  const clock = clockOf(timeZone);
  const startOf = (day: number) => {
    const date = isoOf(day).slice(0, 10);
    // No zone is more than 14 hours ahead of UTC.
    let moment = day - 15 * hour;
    while (clock(moment) < date) moment += quarter;
    return isoOf(moment);
  };
  return {
    fromUtc: from ? startOf(Date.parse(from)) : null,
    beforeUtc: to ? startOf(Date.parse(to) + 24 * hour) : null,
  };
}

/**
 * A function from a moment (milliseconds since 1970, UTC) to `YYYY-MM-DD HH:MM:SS` in a time zone.
 * Asking Intl takes microseconds, so offsets are remembered.
 */
export function clockOf(timeZone: string): (moment: number) => string {
  // Sweden writes times the ISO way.
  const intl = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const offsets = new Map<number, number>();

  return (moment) => {
    const slot = Math.floor(moment / quarter);
    let offset = offsets.get(slot);
    if (offset === undefined) {
      const start = Math.min(Math.max(slot * quarter, firstYears), lastDay);
      offset = Date.parse(`${intl.format(start).replace(' ', 'T')}Z`) - start;
      if (offsets.size >= 10_000) offsets.clear();
      offsets.set(slot, offset);
    }
    return isoOf(moment + offset);
  };
}

/**
 * The moment at which a zone's clock (of `clockOf`) shows `YYYY-MM-DD HH:MM:SS`, the first of two when it is put back;
 * undefined when it never shows it.
 */
export function momentOf(time: string, clock: (moment: number) => string): number | undefined {
  const asUtc = Date.parse(`${time.replace(' ', 'T')}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // A zone's offset changes once a day at most: one of these two holds.
  const offsets = [asUtc - 24 * hour, asUtc + 24 * hour].map(
    (moment) => Date.parse(`${clock(moment).replace(' ', 'T')}Z`) - moment,
  );
  return offsets
    .filter(Number.isFinite)
    .map((offset) => asUtc - offset)
    .sort((a, b) => a - b)
    .find((moment) => clock(moment) === time);
}

/** `YYYY-MM-DD HH:MM:SS` in UTC; the year has five digits after 9999. */
function isoOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, -'.000Z'.length).replace(/^\+0/, '').replace('T', ' ');
}
