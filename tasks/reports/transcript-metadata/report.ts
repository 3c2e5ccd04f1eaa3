// The transcripts of a case with their metadata, one row per volume.
import type { TranscriptMetadataParameters } from '../../../contract/types.ts';
import { viewOnlyMayNotSee } from '../access.ts';
import { days } from '../phrases.ts';
import { countOf, type Report } from '../report.ts';
import asked from './asked.sql';
import customFields from './transcript-fields.sql';
import rows from './transcripts.sql';

const scopes = {
  both: 'Depositions and court proceedings',
  deponents: 'Depositions',
  proceedings: 'Court proceedings',
};

export const transcriptMetadata = {
  type: 'transcript_metadata',
  title: 'Transcript Metadata',
  days: ['dateFrom', 'dateTo'],

  meanings: {
    Missing: 'What is missing of date, volume (or title, of a proceeding) and name.',
    'Deponent Last Name': 'The last name of the deponent; blank for court proceedings.',
    'Deponent First Name': 'The first name of the deponent.',
    'Deponent Middle Initial': 'The middle initial of the deponent.',
    'Deponent Suffix': 'The suffix of the name, such as Jr.',
    'Deponent Type': 'The type of the deponent, such as Expert.',
    Title: 'The title of the transcript.',
    Description: 'The description of the transcript.',
    'Start Page': 'The number of the first page.',
    'End Page': 'The number of the last page.',
    'Has Video': 'Whether the transcript has any video.',
    'Video Synced': 'Whether all of its videos are synced with the text; blank without video.',
    'Video Runtime': 'Hours, minutes and seconds of video; blank when it is unknown of any video.',
    'Linked Exhibits': 'Exhibits that are linked to the transcript.',
    Designations: 'Number of designations.',
    Objections: 'Number of objections.',
    Issues: 'Number of clips that are labeled with an issue.',
    'Original File Name': 'The name of the file that was imported.',
    'File Format': 'The format of the file that was imported.',
    'Imported At': 'When the file was imported.',
    'Import Batch': 'The batch in which the file was imported.',
  },

  describe({ scope, deponentIds, dateFrom, dateTo, includeCustomFields, onlyMissing, sort }) {
    return [
      scopes[scope!],
      deponentIds && 'selected deponents only',
      days('transcripts dated', dateFrom, dateTo),
      onlyMissing && 'only those that lack a date, a volume or a name',
      includeCustomFields ? 'with custom fields' : 'without custom fields',
      `sorted by ${sort}`,
    ];
  },

  denied: (accessLevel) => [viewOnlyMayNotSee(accessLevel, 'metadata')],

  query: ({ deponentIds, onlyMissing }) => ({
    rows,
    count: countOf(rows),
    customFields,
    durations: ['Video Runtime'],
    omitted: onlyMissing ? [] : ['Missing'],
    asked: { found: asked, names: [{ kind: 'deponent', values: deponentIds }] },
  }),
} satisfies Report<TranscriptMetadataParameters>;
