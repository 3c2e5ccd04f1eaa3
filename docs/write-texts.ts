// `npm run texts`: writes docs/texts.md, all texts that people read in mails and files, from where the code has them.
import { readFileSync, writeFileSync } from 'node:fs';
import errors from '../contract/errors.json' with { type: 'json' };
import * as texts from '../tasks/lib/texts.ts';
import { findings } from '../tasks/reports/coding-overlay/findings.ts';

/** Arguments that show each text, or each of its forms. A text without any does not compile. */
type Examples<Texts> = {
  [Name in keyof Texts]: Texts[Name] extends (...values: infer Values) => string
    ? [] extends Values
      ? null
      : Values[]
    : never;
};

const until = 'December 2, 2026, 12:30 PM Central';
const sender = 'Priya Raman';
const support = 'support@nextpoint.example';

const mail: Examples<typeof texts.mailTexts> = {
  yourReport: [
    ['Page Count', false],
    ['User Activity', true],
  ],
  sentYou: [
    [sender, 'Page Count', false],
    [sender, 'User Activity', true],
  ],
  noRows: null,
  linkWorks: [[until]],
  linkWorksOutside: [[until, sender]],
  attached: [[until]],
  attachedToo: null,
  tableTooLong: null,
  fileTooLarge: null,
  couldNotCreate: [['Page Count report']],
  couldNotSchedule: [['Page Count report']],
  couldNotEmail: [['Page Count report']],
  couldNotEmailAll: [['Page Count report']],
  scheduleStopped: null,
  nextReport: [['November 30, 2026, 6:00 AM Central']],
  lastReport: null,
  changeSchedule: null,
  askToChangeSchedule: [[sender]],
  help: [[support, 'rpt-7']],
  helpWithoutReference: [[support]],
  helpOutside: [[sender, 'priya.raman@harlowpike.example']],
};

const warnings: Examples<typeof texts.warningTexts> = {
  deletedDocuments: [
    [1, 4],
    [1204, 5000],
  ],
  ambiguousCells: [
    ['Custodians', 1, ';'],
    ['Custodians', 2, ';'],
  ],
  longCells: [[1], [3]],
  cutCells: [[1], [3]],
  cutCellsWithFile: [
    [1, 'grid-full-texts.csv'],
    [3, 'grid-full-texts.csv'],
  ],
  manyRowsCsv: null,
  manyRowsXlsx: null,
  changedByServer: [
    [1, 'Truncated incorrect seconds value (1292)'],
    [12, 'Truncated incorrect seconds value (1292)'],
  ],
  ofDatabases: [['…', 'Quiet Harbor (2002)']],
  leftOut: [[38, 40, 'Lost Matter (1003), Old Matter (1004)']],
  asOf: [[until]],
  notesMayBePrivileged: null,
};

const dryRun: Examples<typeof texts.dryRunTexts> = { notCounted: null, countedTooLong: null };

const asked: Examples<typeof texts.askedTexts> = {
  noneWithId: [['deponent']],
  noLabel: null,
  noDocument: [['privilege status']],
  noChange: [['relevancy status']],
  none: [['No label is called', "'Nope'"]],
  someFound: [[1, 2, 'label', "No label is called 'Nope'."]],
  oneOfMore: [[30]],
};

const search: Examples<typeof texts.searchTexts> = {
  onlyChecked: null,
  failedTerms: [[1], [3]],
  doubtfulTerms: [[1], [3]],
  whatCounts: null,
  oneSnapshot: [[until]],
  noSnapshot: [[until]],
};

const testimony: Examples<typeof texts.testimonyTexts> = {
  failedTerms: [[1], [3]],
  doubtfulTerms: [[1], [3]],
  cutHits: [[5000, 12_345]],
  lostHits: [[1], [3]],
  withoutText: [[1], [3]],
  nothingFound: null,
  confidential: null,
  searchedAt: [[until]],
  unprintable: [['Chinese, emoji']],
};

const terms: Examples<typeof texts.termTexts> = {
  singleSign: null,
  curlyQuotes: null,
  lowerCaseOperator: [['and']],
  quotedWildcard: null,
  wildcardAtSign: null,
  unknownField: [['re']],
  regularExpression: [['/2024/']],
  splitWord: [['e-mail']],
  exclamationMark: null,
  noOperator: null,
  andBesideOr: null,
  onlyExcludes: null,
  proximity: [['w/5']],
};

const issues: Examples<typeof texts.issueTexts> = {
  notActive: [['archived']],
  restore: null,
  missing: null,
  askToRestore: null,
  outdated: null,
  askToUpdate: null,
};

const overlay: Examples<typeof texts.overlayTexts> = {
  fileError: [[findings['OV-F01']]],
  maxErrors: [[1], [100]],
  unmatched: null,
  dryRun: null,
  cancelled: null,
  noChoicesRemoved: null,
  canBeRestored: [[400]],
};

/** The page as it should be. */
export function textsPage(): string {
  const errorRows = Object.entries(errors as Record<string, { cause: string; mail?: string }>).map(
    ([name, { cause, mail: mailed }]) => `| \`${name}\` | ${mailed ?? cause} |`,
  );
  const findingRows = Object.entries(findings).map(([code, text]) => `| \`${code}\` | ${text} |`);
  return `# Texts

All texts that people read in mails and files, with examples for what varies. Written by \`npm run texts\` from
\`tasks/lib/texts.ts\`, \`contract/errors.json\`, \`emails/\` and the findings of the coding overlay; do not edit it here.

## Mails

${table(texts.mailTexts, mail)}

Their template as text:

\`\`\`
${readFileSync(new URL('../emails/report.txt', import.meta.url), 'utf8').trim()}
\`\`\`

## Failures

A mail about a failure has one of these. \`cause\` in the event adds what a developer needs: for a refused request, one line
for each problem.

| error | text |
|---|---|
${errorRows.join('\n')}

## Warnings

${table(texts.warningTexts, warnings)}

## Names that the database does not have

${table(texts.askedTexts, asked)}

## Dry runs

${table(texts.dryRunTexts, dryRun)}

## Search hits

${table(texts.searchTexts, search)}

## Deposition searches

${table(texts.testimonyTexts, testimony)}

## Search terms

${table(texts.termTexts, terms)}

## Databases that a report could not read

${table(texts.issueTexts, issues)}

## Coding overlay

${table(texts.overlayTexts, overlay)}

| code | text |
|---|---|
${findingRows.join('\n')}
`;
}

function table<Texts extends object>(from: Texts, examples: Examples<Texts>): string {
  const rows = Object.entries(from).map(([name, text]) => {
    const forms = (examples[name as keyof Texts] as unknown[][] | null) ?? [[]];
    return `| \`${name}\` | ${forms.map((values) => text(...values).replaceAll('|', '\\|')).join('<br>')} |`;
  });
  return ['| text | as people read it |', '|---|---|', ...rows].join('\n');
}

if (import.meta.main) writeFileSync(new URL('texts.md', import.meta.url), textsPage());
