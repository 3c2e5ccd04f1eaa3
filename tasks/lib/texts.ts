// The one table of texts that people read in mails and files, in plain sentences. docs/texts.md shows them all.

const number = (value: number) => value.toLocaleString('en');

/** `1 cell`, `1,204 cells`. */
export function count(value: number, noun: string): string {
  const plural = noun.endsWith('s') ? `${noun}es` : `${noun}s`;
  return `${number(value)} ${value === 1 ? noun : plural}`;
}

const withIssues = (hasIssues: boolean) => (hasIssues ? ', with issues' : '');

/** The words of mails. */
export const mailTexts = {
  yourReport: (title: string, hasIssues: boolean) => `Your ${title} report is ready${withIssues(hasIssues)}`,
  sentYou: (sender: string, title: string, hasIssues: boolean) =>
    `${sender} sent you a report${withIssues(hasIssues)}: ${title}`,
  noRows: () => 'Nothing matched, so the report has no rows.',
  linkWorks: (until: string) => `The link works until ${until}. You will be asked to sign in.`,
  linkWorksOutside: (until: string, sender: string) =>
    `The link works until ${until}. If you are asked to sign in and have no login, ask ${sender} for another way to get the file.`,
  attached: (until: string) =>
    `The report is attached. You can also download it on the platform until ${until}.`,
  attachedToo: () => 'The file is also attached.',
  tableTooLong: () => 'The table is too long to show in an email.',
  fileTooLarge: () => 'The file is too large to attach, so you get a link instead.',
  couldNotCreate: (title: string) => `Your ${title} could not be created`,
  couldNotSchedule: (title: string) => `Your ${title} could not be scheduled`,
  couldNotEmail: (title: string) => `Your ${title} is ready but could not be emailed`,
  couldNotEmailAll: (title: string) => `Your ${title} is ready but could not be emailed to everyone`,
  scheduleStopped: () =>
    'The schedule for this report has been stopped, unless somebody has changed it since.',
  nextReport: (moment: string) => `The next report comes on ${moment}.`,
  lastReport: () => 'This was the last report of the schedule.',
  changeSchedule: () =>
    'To change or stop this schedule, open Reports on the platform and choose the schedule.',
  askToChangeSchedule: (owner: string) => `To stop getting this report, ask ${owner}, who scheduled it.`,
  help: (supportAddress: string, jobId: string) =>
    `Questions? Write to ${supportAddress} and mention reference ${jobId}.`,
  helpWithoutReference: (supportAddress: string) => `Questions? Write to ${supportAddress}.`,
  helpOutside: (sender: string, email: string) => `Questions? Write to ${sender} at ${email}.`,
};

/** Why a dry run has no number of rows. */
export const dryRunTexts = {
  notCounted: () => 'The rows were not counted: that would take as long as the report itself.',
  countedTooLong: () => 'The rows were not counted: that took too long.',
};

/** Warnings of files, in mails and on the sheet Read Me. */
export const warningTexts = {
  deletedDocuments: (deleted: number, chosen: number) =>
    deleted === 1
      ? `1 of the ${number(chosen)} selected documents has since been deleted and is not included.`
      : `${number(deleted)} of the ${number(chosen)} selected documents have since been deleted and are not included.`,
  ambiguousCells: (column: string, cells: number, delimiter: string) =>
    cells === 1
      ? `In the column ${column}, 1 cell contains '${delimiter}' inside a value, so its values cannot be told apart.`
      : `In the column ${column}, ${number(cells)} cells contain '${delimiter}' inside a value, so values there cannot be told apart.`,
  longCells: (cells: number) =>
    `${count(cells, 'cell')} ${cells === 1 ? 'has' : 'have'} more than 32,767 characters, the most that Excel shows in a cell.`,
  cutCells: (cells: number) =>
    `${count(cells, 'cell')} ${cells === 1 ? 'was' : 'were'} cut at 32,767 characters, the most that Excel allows, and marked "[cut]".`,
  cutCellsWithFile: (cells: number, file: string) =>
    `${warningTexts.cutCells(cells)} The full ${cells === 1 ? 'text is' : 'texts are'} in ${file}.`,
  manyRowsCsv: () => 'The file has more than 1,048,575 rows, the most that Excel opens.',
  manyRowsXlsx: () =>
    'The report has more than 1,048,575 rows, the most that Excel allows on a sheet, and continues on further sheets.',
  changedByServer: (values: number, how: string) =>
    `The database changed ${count(values, 'value')} while reading ${values === 1 ? 'it' : 'them'} (${how}), so the report may differ from the data.`,
  ofDatabases: (warning: string, databases: string) => `${warning} This affects ${databases}.`,
  leftOut: (read: number, chosen: number, databases: string) =>
    `The report covers ${number(read)} of ${number(chosen)} databases. These could not be read: ${databases}. The list of issues explains why and what to do.`,
  asOf: (moment: string) => `The log shows the documents as of ${moment}.`,
  notesMayBePrivileged: () => 'Notes may themselves be privileged. Review the file before you serve it.',
};

/** What a request names and the database does not have. */
export const askedTexts = {
  noneWithId: (kind: string) => `There is no ${kind} with the ID`,
  noLabel: () => 'No label is called',
  noDocument: (status: string) => `No document has the ${status}`,
  noChange: (status: string) => `No change set the ${status}`,
  none: (none: string, names: string) => `${none} ${names}.`,
  someFound: (found: number, asked: number, kind: string, none: string) =>
    `${number(found)} of ${count(asked, kind)} ${found === 1 ? 'was' : 'were'} found: ${none[0]!.toLowerCase()}${none.slice(1)}`,
  oneOfMore: (more: number) => `one of ${number(more)} more`,
};

/** Warnings of search hit reports. */
export const searchTexts = {
  onlyChecked: () => 'The terms were only checked. Nothing was searched.',
  failedTerms: (terms: number) =>
    terms === 1
      ? '1 term could not be searched and is left out of totals and unique counts. See the column Message.'
      : `${number(terms)} terms could not be searched and are left out of totals and unique counts. See the column Message.`,
  doubtfulTerms: (terms: number) =>
    `${count(terms, 'term')} may not find what was meant. See the column Message.`,
  whatCounts: () =>
    'The counts include documents that some users cannot open, and exclude the trash. Family members outside the scope are counted separately.',
  oneSnapshot: (moment: string) => `All terms were searched in one snapshot, taken on ${moment}.`,
  noSnapshot: (moment: string) =>
    `The search of ${moment} had no snapshot, so documents that changed while it ran may count for some terms only.`,
};

/** Warnings of a search in testimony. Its terms are told by number alone, since they are confidential. */
export const testimonyTexts = {
  failedTerms: (terms: number) =>
    `${count(terms, 'term')} could not be searched. The list of terms in the PDF says why.`,
  doubtfulTerms: (terms: number) =>
    `${count(terms, 'term')} may not find what was meant. The list of terms in the PDF says why.`,
  cutHits: (shown: number, found: number) =>
    `The search found ${count(found, 'hit')}, and the report shows the first ${number(shown)}. The counts include all of them.`,
  lostHits: (hits: number) =>
    `${count(hits, 'hit')} ${hits === 1 ? 'is' : 'are'} not shown, because the testimony has changed since it was indexed.`,
  withoutText: (transcripts: number) =>
    `${count(transcripts, 'transcript')} ${transcripts === 1 ? 'has' : 'have'} no text and could not be searched.`,
  nothingFound: () => 'The search found nothing.',
  confidential: () => 'Confidential. Attorney work product.',
  searchedAt: (moment: string) => `The testimony was searched on ${moment}.`,
  unprintable: (scripts: string) =>
    `Some text cannot be printed in this PDF, and a note in brackets stands in its place: ${scripts}. Ask for CSV or XLSX to get it.`,
};

/** What a search term may not mean, in the column Message. */
export const termTexts = {
  singleSign: () => 'A single & or | is ignored. Write AND or OR.',
  curlyQuotes: () =>
    'Curly quotes do not make a phrase: the words are searched one by one. Use straight quotes.',
  lowerCaseOperator: (operator: string) =>
    `"${operator}" is searched as a word. Write operators in capitals: ${operator.toUpperCase()}.`,
  quotedWildcard: () => 'A wildcard does not work within quotes: the phrase is searched without it.',
  wildcardAtSign: () =>
    'A wildcard next to punctuation finds nothing, because words are split at punctuation.',
  unknownField: (field: string) =>
    `"${field}:" is read as the name of a field, and there is no such field. Write "${field}\\:" to search for the word itself.`,
  regularExpression: (text: string) =>
    `${text} is read as a regular expression. Put a date or a path in quotes.`,
  splitWord: (word: string) =>
    `"${word}" is split, and finds documents with any of its parts. Put it in quotes to find it as a whole.`,
  exclamationMark: () =>
    'An exclamation mark is not a wildcard here. To find words with this beginning, write *.',
  noOperator: () =>
    'Words without an operator between them find documents with any of them. Use quotes for a phrase, or AND for all.',
  andBesideOr: () =>
    'AND and OR are mixed without parentheses, so what follows OR does not have to be found. Add parentheses.',
  onlyExcludes: () => 'The term only excludes: it finds every other document in the scope.',
  proximity: (operator: string) =>
    `"${operator}" is not a proximity operator here. To find words within 5 words of each other, write "one two"~5.`,
};

/** Problems of a database in a report across databases, and what to do: the list of issues has them. */
export const issueTexts = {
  notActive: (status: string) => `The database is ${status}.`,
  restore: () => 'Restore it, then run the report again.',
  missing: () => 'The database could not be found.',
  askToRestore: () => 'Ask support to restore it.',
  outdated: () => 'The database has not been updated yet, and lacks data that the report needs.',
  askToUpdate: () => 'Ask support to update it.',
};

/** Texts about a coding overlay as a whole. */
export const overlayTexts = {
  fileError: (why: string) => `Nothing was changed. ${why}`,
  maxErrors: (errors: number) =>
    `Nothing was changed: the load file has more than ${count(errors, 'error')}.`,
  unmatched: () => 'Nothing was changed: some rows match no document.',
  dryRun: () => 'This was a dry run. Nothing was changed.',
  cancelled: () => 'The overlay was cancelled before it finished. Some documents were not attempted.',
  noChoicesRemoved: () => 'Restoring does not remove choices that the overlay created.',
  canBeRestored: (days: number) => `The overlay can be undone for ${days} days.`,
};
