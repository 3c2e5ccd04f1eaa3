// Phrases that the descriptions of several reports use.
import type { Scope } from '../../contract/types.ts';

/** `1 chosen column`, `1,204 chosen columns`. */
export function count(number: number, noun: string): string {
  const plural = noun.endsWith('s') ? `${noun}es` : `${noun}s`;
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`;
}

export function documentsIn(scope: Scope | undefined): string {
  return scope?.folderIds ? `documents of selected folders` : 'all documents';
}

/** `changed 2026-01-01 to 2026-01-31`; undefined without any day. */
export function days(verb: string, from?: string, to?: string): string | undefined {
  if (from && to) return `${verb} ${from} to ${to}`;
  if (from) return `${verb} ${from} or later`;
  return to && `${verb} ${to} or earlier`;
}
