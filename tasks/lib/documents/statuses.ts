// The statuses that the platform gives documents. Others come from imports and overlays.

/** By log, in the order of a page count; the last is that of documents without any. A page count has room for four. */
export const statuses = {
  relevancy: ['Responsive', 'Non-Responsive', 'Requires Follow-up', 'Not Reviewed'],
  privilege: ['Privileged', 'Not Privileged', 'Not Reviewed'],
  confidentiality: ['No Code'],
};

/** As SQL compares them: the platform's own statuses are known however they are capitalized. */
export function lowerCase(names: string[]): string[] {
  return names.map((name) => name.toLowerCase());
}
