// A mail as its author thinks of it, and as the template of emails/ takes it.
import type { MailTable } from '../lib/cells/mail-table.ts';
import { oneLine } from '../lib/one-line.ts';

export type Link = { label: string; url: string };

export type Letter = {
  /** The heading; the subject is the heading and what the mail is about. */
  heading: string;
  about: string[];
  /** Why there is no report; an alert above everything else. */
  failure?: string;
  table?: MailTable | null;
  /** The rows of the table. */
  caption?: string;
  button?: Link;
  paragraphs: string[];
  links?: Link[];
  /** Things that the reader should know, under the heading "Please note". */
  notes?: string[];
  /** Whether the notes are more than routine. */
  alarming?: boolean;
  facts: [label: string, text: string | undefined][];
  help: string;
};

/** SES sends longer subjects, but no mail program shows them. */
const longestSubject = 90;
/** Characters of the line that an inbox shows after the subject. */
const longestPreview = 120;

/**
 * The values of the template. Each text is put on one line, and given a second time escaped for HTML, since SES does not
 * escape. Outside production the subject speaks pirate, so that nobody takes the mail for a real one.
 */
export function templateData(letter: Letter, environment: string): Record<string, unknown> {
  const { heading, about, failure = '', table, button, paragraphs, links = [], notes = [], help } = letter;
  const subject = line([heading, ...about].join(' - '));
  const facts = letter.facts.flatMap(([label, text]) => (text ? [{ label, text: line(text) }] : []));
  const width = Math.max(...facts.map(({ label }) => label.length)) + 2;
  return {
    ...both('subject', shortened(environment === 'production' ? subject : pirate(subject), longestSubject)),
    ...both(
      'preview',
      shortened([failure, ...paragraphs].filter(Boolean).map(line).join(' '), longestPreview),
    ),
    ...both('heading', heading),
    ...both('failure', failure),
    ...(table ? tableData(table) : { table: '', columns: [], rows: [], lines: [] }),
    ...both('caption', letter.caption ?? ''),
    ...both('button', button?.label ?? ''),
    ...both('buttonUrl', button?.url ?? ''),
    paragraphs: paragraphs.map((text) => both('text', text)),
    links: links.map(({ label, url }) => ({ ...both('label', label), ...both('url', url) })),
    ...both('noted', notes.length > 0 ? 'Please note' : ''),
    tone: letter.alarming ? 'alarm' : 'note',
    notes: notes.map((text) => both('text', text)),
    facts: facts.map(({ label, text }) => ({
      ...both('label', label),
      ...both('text', text),
      padded: `${label}:`.padEnd(width),
    })),
    ...both('help', help),
  };
}

function tableData({ columns, rows, lines }: MailTable) {
  const cellsOf = (cells: MailTable['columns']) =>
    cells.map(({ text, align, weight }) => ({ textHtml: escaped(text), align, weight }));
  return {
    table: 'yes',
    columns: cellsOf(columns),
    rows: rows.map(({ cells }) => {
      const [first, ...others] = cellsOf(cells);
      return { first: [first], cells: others };
    }),
    lines: lines.map((text) => ({ line: text })),
  };
}

function both<Name extends string>(name: Name, text: string) {
  const shown = line(text);
  return { [name]: shown, [`${name}Html`]: escaped(shown) };
}

/** Lines of a text become sentences of one. */
function line(text: string): string {
  return oneLine(text.replaceAll(/\.\s*[\r\n]+\s*/g, '. '), '; ');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function shortened(text: string, longest: number): string {
  const letters = [...text];
  return letters.length > longest
    ? `${letters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`
    : text;
}

function pirate(text: string): string {
  return `Ahoy! ${text.replace('Your ', 'Yer ').replace(' is ', ' be ').replace(' was ', ' were ')}`;
}
