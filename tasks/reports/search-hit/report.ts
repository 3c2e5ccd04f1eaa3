// The documents of a case that search terms find. The search backend, Glue and Athena count them; export-hits writes the
// counts beside the terms.
import type { SearchHitParameters } from '../../../contract/types.ts';
import { assignedFoldersOnly } from '../access.ts';
import { count, documentsIn } from '../phrases.ts';
import type { Report } from '../report.ts';

export const searchHit = {
  type: 'search_hit',
  title: 'Search Hits',
  // Search terms are attorney work product.
  confidential: ['terms'],

  describe: ({ name, terms, scope, byCustodian, byMonth, dryRun }) => [
    name,
    `${dryRun ? 'Check' : 'Hits'} of ${count(terms.length, 'search term')}`,
    documentsIn(scope),
    byCustodian && 'by custodian',
    byMonth && 'by month',
    'trash excluded',
  ],

  meanings: {
    'Term ID': 'The id of the term in the request.',
    'Search Term': 'The term as it was typed.',
    Status: 'OK, Warning or Error; Message says why.',
    'Documents With Hits': 'Documents of the scope that the term finds.',
    'Documents With Hits Including Family':
      'Those documents and the other members of their families in the scope.',
    'Unique Documents': 'Documents that no other term finds.',
    'Unique Documents Including Family':
      'Documents that no other term finds, whether by a hit of their own or by a member of their family.',
    'Percent Of Scope': 'Documents With Hits as a percentage of all documents in the scope.',
    'Family Members Outside Scope':
      'Members of those families that are not in the scope; they are not counted elsewhere.',
    Message: 'What to know about the term.',
    Custodian: 'Who the documents were collected from.',
    Month: 'The month of the document date.',
  },

  denied(accessLevel, { scope, byCustodian, byMonth }) {
    const hidden = accessLevel === 'view_only' ? { byCustodian, byMonth } : {};
    return [
      ...Object.entries(hidden).map(
        ([name, asked]) => asked && `parameters.${name}: View-only users can't see metadata.`,
      ),
      assignedFoldersOnly(accessLevel, 'scope', 'folders', scope?.folderIds),
    ];
  },
} satisfies Report<SearchHitParameters>;
