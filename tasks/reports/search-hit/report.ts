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
    'without the trash',
  ],

  denied(accessLevel, { scope, byCustodian, byMonth }) {
    const hidden = accessLevel === 'view_only' ? { byCustodian, byMonth } : {};
    return [
      ...Object.entries(hidden).map(
        ([name, asked]) => asked && `parameters.${name}: a view-only user may not see metadata`,
      ),
      assignedFoldersOnly(accessLevel, 'scope', 'folders', scope?.folderIds),
    ];
  },
} satisfies Report<SearchHitParameters>;
