// What each report is called and how its parameters read in words.
import type { ReportType, TranscriptMetadataParameters } from '../../contract/types.ts';

export type Report = {
  title: string;
  /** What the report covers: its scope and filters, in plain words, from parameters with defaults applied. */
  describe(parameters: never): string;
};

const scopes = {
  both: 'Depositions and court proceedings',
  deponents: 'Depositions',
  proceedings: 'Court proceedings',
};

const transcriptMetadata: Report = {
  title: 'Transcript Metadata',
  describe(parameters: Required<TranscriptMetadataParameters>) {
    const { scope, deponentIds, dateFrom, dateTo, includeCustomFields, onlyMissing, sort } = parameters;
    return [
      scopes[scope],
      deponentIds && `${count(deponentIds.length, 'chosen deponent')} only`,
      dateFrom && dateTo && `transcripts dated ${dateFrom} to ${dateTo}`,
      dateFrom && !dateTo && `transcripts dated ${dateFrom} or later`,
      dateTo && !dateFrom && `transcripts dated ${dateTo} or earlier`,
      onlyMissing && 'only those that lack a date, a volume or a name',
      includeCustomFields ? 'with custom fields' : 'without custom fields',
      `sorted by ${sort}`,
    ]
      .filter(Boolean)
      .join('; ');
  },
};

/** The reports there are; the contract names more. */
export const reports: Partial<Record<ReportType, Report>> = { transcript_metadata: transcriptMetadata };

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
