// Phrases that the descriptions of several reports use.
import type { Scope } from '../../contract/types.ts';
import { count } from '../lib/texts.ts';
import { daysInWords } from '../lib/words.ts';

export { count };

export function documentsIn(scope: Scope | undefined): string {
  return scope?.folderIds ? `documents of selected folders` : 'all documents';
}

/** `changed November 16 to 22, 2026`; undefined without any day. */
export function days(verb: string, from?: string, to?: string): string | undefined {
  if (from && to) return `${verb} ${daysInWords(from, to)}`;
  if (from) return `${verb} on or after ${daysInWords(from)}`;
  return to && `${verb} on or before ${daysInWords(to)}`;
}
