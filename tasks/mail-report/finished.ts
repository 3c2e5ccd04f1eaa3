// The mail about a finished report: to its requester, to a colleague, or to somebody outside the account.
import type { File } from '../../contract/types.ts';
import { isSame } from '../lib/addresses.ts';
import type { MailTable } from '../lib/cells/mail-table.ts';
import type { Recipient, ReportContext, Slot } from '../lib/context.ts';
import { count, mailTexts as texts } from '../lib/texts.ts';
import { momentInWords, sizeInWords } from '../lib/words.ts';
import type { Letter, Link } from './letter.ts';
import { largestAttachment } from './limit.ts';

/** The input of deliver-report, as far as a mail tells of it. */
export type FinishedReport = {
  jobId: string;
  startedAt: string;
  context: ReportContext;
  file: File;
  /** The rows, for a mail that shows them. */
  table: MailTable | null;
};

/** The way in which one recipient receives the report. */
export type Sending = { outcome: 'mail_body' | 'attachment' | 'link'; attach: boolean; notes: string[] };

/** Rows in the mail, the file attached, or a link. A recipient outside the account receives a link, whatever was asked for. */
export function sendingOf({ outside }: Recipient, { context, file, table }: FinishedReport): Sending {
  const { mode } = context.delivery;
  const wantsRows = !outside && mode === 'mail_body';
  const wantsFile =
    !outside && (mode === 'attachment' || (wantsRows && context.report.parameters.attachCsv === true));
  const attach = wantsFile && file.bytes <= largestAttachment;
  const rows = wantsRows && table !== null;
  return {
    outcome: rows ? 'mail_body' : attach ? 'attachment' : 'link',
    attach,
    notes: [
      ...(wantsRows && !rows ? [texts.tableTooLong()] : []),
      ...(wantsFile && !attach ? [texts.fileTooLarge()] : []),
    ],
  };
}

export function finishedLetter(
  report: FinishedReport,
  recipient: Recipient,
  sending: Sending,
  { downloadLink, supportAddress }: { downloadLink: string; supportAddress: string },
): Letter {
  const { jobId, startedAt, context, file } = report;
  const { report: asked, subject, requester } = context;
  const { timeZone } = asked;
  // Nobody outside the account reads a name that a requester chose.
  const title = asked.name && !recipient.outside ? `“${asked.name}”` : asked.title;
  const { schedule } = context;
  const isRequester = isSame(recipient.email, requester.email);
  const sender = requester.name || requester.email;
  const hasIssues = endedWithIssues(file);
  const link = linkTo(downloadLink, asked.reportType, jobId);
  const until = momentInWords(Date.parse(file.expiresAt), timeZone);
  const onlyAttached = sending.outcome === 'attachment';
  return {
    heading: isRequester ? texts.yourReport(title, hasIssues) : texts.sentYou(sender, title, hasIssues),
    about: [...(schedule ? [`${schedule.cadence} - ${schedule.days}`] : []), subject.name],
    table: sending.outcome === 'mail_body' ? report.table : null,
    caption: `${title}, ${subject.name}`,
    button: onlyAttached ? undefined : { label: 'Download the report', url: link },
    paragraphs: [
      ...(file.rows === 0 ? [texts.noRows()] : []),
      onlyAttached
        ? texts.attached(until)
        : recipient.outside
          ? texts.linkWorksOutside(until, sender)
          : texts.linkWorks(until),
      ...(sending.attach && !onlyAttached ? [texts.attachedToo()] : []),
      ...sending.notes,
      ...(schedule ? aboutSchedule(schedule, timeZone, isRequester ? undefined : sender) : []),
    ],
    links: partsOf(file).map(({ label, url: part }) => ({ label, url: `${link}?part=${part}` })),
    notes: file.warnings,
    alarming: hasIssues,
    facts: [
      ['Report', asked.title],
      [subject.label, subject.name],
      ['Contents', context.scopeDescription],
      ['File', `${file.name} (${count(file.rows, 'row')}, ${sizeInWords(file.bytes)})`],
      ['Requested by', requester.name ? `${requester.name} (${requester.email})` : requester.email],
      ['Requested', momentInWords(Date.parse(startedAt), timeZone)],
      ['Reference', jobId],
    ],
    help: recipient.outside ? texts.helpOutside(sender, requester.email) : texts.help(supportAddress, jobId),
  };
}

/** When the next report comes, and who can change that. @param owner of the schedule, unless it is the reader */
function aboutSchedule({ next }: Slot, timeZone: string, owner?: string): string[] {
  return [
    ...(next ? [texts.nextReport(momentInWords(Date.parse(next), timeZone))] : []),
    ...(next === null
      ? [texts.lastReport()]
      : [owner ? texts.askToChangeSchedule(owner) : texts.changeSchedule()]),
  ];
}

/** Whether the report lacks something that was asked for. */
function endedWithIssues({ issues, overlay }: File): boolean {
  return (
    Boolean(issues) || ['fileError', 'maxErrors', 'unmatched', 'cancelled'].includes(overlay?.stopped ?? '')
  );
}

/** The files beside the report's own; the name of a part in place of an address. */
function partsOf({ sidecar, issues, breakdowns, overlay }: File): Link[] {
  return [
    ...(breakdowns?.custodians ? [{ label: 'Hits by custodian', url: 'custodians' }] : []),
    ...(breakdowns?.months ? [{ label: 'Hits by month', url: 'months' }] : []),
    ...(sidecar ? [{ label: 'Full text of shortened cells', url: 'full-texts' }] : []),
    ...(issues ? [{ label: 'Databases that were left out, and why', url: 'issues' }] : []),
    ...(overlay?.files ?? []).map(({ name, kind }) => ({ label: name, url: kind })),
  ];
}

/** The link to the file of a report, from the template of download links. */
export function linkTo(template: string, reportType: string, jobId: string): string {
  return template.replace('{reportType}', reportType).replace('{jobId}', jobId);
}
