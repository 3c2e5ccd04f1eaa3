/** Logged once for a report that leaves out more than a tenth of its databases; an alarm counts it. */
export const manyUnavailable = 'More than a tenth of the databases are unavailable';
