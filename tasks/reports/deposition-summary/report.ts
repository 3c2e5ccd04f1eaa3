// The clips of a case's transcripts with their testimony, or counts of them by deponent and label.
import type { DepositionSummaryParameters } from '../../../contract/types.ts';
import { askedTexts } from '../../lib/texts.ts';
import { viewOnlyMayNotSee } from '../access.ts';
import { count, days } from '../phrases.ts';
import type { Report } from '../report.ts';
import asked from './asked.sql';
import clips from './clips.sql';
import counts from './counts.sql';

export const depositionSummary = {
  type: 'deposition_summary',
  // "Deposition Summary" would be taken for Nextpoint's AI summaries of transcripts, and "Clip Summary" is another report.
  title: 'Designation Summary',

  meanings: {
    Objections: 'Objections to the testimony of the clip: label, reason and place.',
    Pages: 'Pages on which the clips lie; a page of two clips counts twice.',
  },

  describe(parameters) {
    const { layout, deponentIds, labels, clipTypes, from, to, sort } = parameters;
    const { includeText, maxTextChars, includeProceedings } = parameters;
    const hasText = layout === 'detail' && includeText;
    return [
      layout === 'detail' ? 'Every clip' : 'Clips counted by deponent and label',
      includeProceedings ? 'depositions and court proceedings' : 'depositions',
      deponentIds && 'selected deponents only',
      labels && 'selected labels only',
      clipTypes && `only of type ${clipTypes.join(', ')}`,
      days('created or changed', from, to),
      sort === 'label' && 'sorted by label',
      layout === 'detail' && !includeText && 'without testimony',
      hasText && maxTextChars && `testimony cut at ${count(maxTextChars, 'character')}`,
    ];
  },

  denied: (accessLevel) => [viewOnlyMayNotSee(accessLevel, 'coding')],

  query: ({ layout, deponentIds, labels }) => ({
    rows: layout === 'counts' ? counts : clips,
    durations: ['Runtime'],
    totals: layout === 'counts' ? 1 : 0,
    asked: {
      found: asked,
      names: [
        { kind: 'deponent', values: deponentIds },
        { kind: 'label', values: labels, none: askedTexts.noLabel() },
      ],
    },
  }),
} satisfies Report<DepositionSummaryParameters>;
