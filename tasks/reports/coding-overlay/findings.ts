// The findings of an overlay, by code: F stops the file, R a row, C a cell; W only warns.

export const findings = {
  'OV-F01': 'The load file is empty, or holds only a header. Upload a file with rows.',
  'OV-F02': 'Encoding error in load file, please convert to UTF-8.',
  'OV-F03': 'This is not a CSV or DAT file. Save it as CSV UTF-8.',
  'OV-F04': 'There is no document key column. Add nextpoint_id or bates_start.',
  'OV-F05': 'Two columns map to one field. Remove or rename one of them.',
  'OV-F06': 'A quote is not closed, or text follows a closing quote. Fix the quote.',
  'OV-F07': 'A column maps to a protected or locked field. Remove the column.',
  'OV-F08': 'A column maps to no field. Map it, create the field, or skip the column.',
  'OV-F09': 'The load file has too many rows, columns or bytes. Split it.',
  'OV-F10': 'The database would have more than 63 issues. Use fewer issues.',
  'OV-F11': 'Another overlay is running on this database. Wait for it to end.',
  'OV-R01': 'The row has no key value. Fill in the key.',
  'OV-R02': 'No document matches the key. Check the id, its zeros, and the database.',
  'OV-R03': 'The key matches several documents. Use nextpoint_id.',
  'OV-R04': 'The keys in this row are of different documents. Correct one of them.',
  'OV-R05': 'Another row has different values for the same document. Keep one of them.',
  'OV-R06': 'The row has a wrong number of cells. Check its commas and quotes.',
  'OV-R07': 'The document is in the trash. Restore it first.',
  'OV-R08': 'The document was changed meanwhile, so it was left as it is.',
  'OV-C01': 'This is not a date. Use YYYY-MM-DD.',
  'OV-C02': 'This is not one of the allowed values. Correct it, or allow new choices.',
  'OV-C03': 'The text is longer than the field allows. Shorten it.',
  'OV-C04': 'This is not a number, or not yes or no. Correct it.',
  'OV-W01': 'The header was read as the name of a field.',
  'OV-W02': 'The column was skipped.',
  'OV-W03': 'An identical row was merged with this one.',
  'OV-W04': 'The zero date was read as blank.',
  'OV-W05': 'The value looks damaged by Excel. Rebuild it from the source.',
  'OV-W06': 'Members of the family differ after this overlay. Review the family.',
  'OV-W07': 'The apostrophe that guards a spreadsheet was removed.',
  'OV-W08': 'The character ® was read as a line break, as DAT files have it.',
  'OV-W09': 'Truncated data in the field: the text was longer than the field allows.',
} as const;

/** Of OV-R08: what to do about it, after an overlay and after a restore. */
export const afterOverlay = 'Look at it, then run this row again.';
export const afterRestore =
  'Its values before the overlay are in the backup of the overlay: put them back by hand if you want them.';

export type Code = keyof typeof findings;
export type Level = 'file' | 'row' | 'cell' | 'warning';

const levels: Record<string, Level> = { F: 'file', R: 'row', C: 'cell', W: 'warning' };

export type Finding = {
  code: Code;
  /** The record in the file, the header being 1; empty ones are not counted. */
  row?: number;
  /** The header as it stands in the file. */
  column?: string;
  /** The cell as it stands in the file, cut at 200 characters. */
  value?: string;
  /** A sentence that adds to the code's own text. */
  detail?: string;
};

export function levelOf(code: Code): Level {
  return levels[code[3]!]!;
}

/** The text of a finding, for a person. */
export function textOf({ code, detail }: Pick<Finding, 'code' | 'detail'>): string {
  return detail ? `${findings[code]} ${detail}` : findings[code];
}

/** The file cannot be used; nothing is written. */
export class LoadFileError extends Error {
  override name = 'LoadFileError';
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(textOf(finding));
    this.finding = finding;
  }
}
