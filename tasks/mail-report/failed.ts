// The mail about a report that failed, to its requester.
import errors from '../../contract/errors.json' with { type: 'json' };
import type { File, ReportType } from '../../contract/types.ts';
import { isSame } from '../lib/addresses.ts';
import type { ReportContext } from '../lib/context.ts';
import { connect, select } from '../lib/database/connection.ts';
import { coreSchema } from '../lib/settings.ts';
import { mailTexts as texts } from '../lib/texts.ts';
import { momentInWords } from '../lib/words.ts';
import { reportOf } from '../reports/index.ts';
import { linkTo } from './finished.ts';
import type { Letter } from './letter.ts';
import subjectSql from './subject.sql';

export type Failure = {
  error: string;
  stage: 'intake' | 'schedule' | 'report' | 'delivery';
  /** Of any form, since it may be what failed; null for what is invalid. */
  jobId: string | null;
  caseId: number | null;
  originalJobId?: unknown;
  requestedBy: { userId: number | null; email: string };
  reportType: unknown;
  parameters?: object | null;
  /** Of a report whose delivery failed. */
  context?: ReportContext | null;
  file?: File | null;
};

type Told = { cause: string; mail?: string; stopsSchedule?: boolean };

export function failedLetter(
  failure: Failure,
  /** The database or the account, if its requester may see it. */
  subject: string | undefined,
  { downloadLink, supportAddress }: { downloadLink: string; supportAddress: string },
): Letter {
  const { error, stage, jobId, context, file } = failure;
  const report = reportOf(failure.reportType as ReportType);
  const title =
    context?.report.title ?? report?.titleOf?.((failure.parameters ?? {}) as never) ?? report?.title;
  const made = stage === 'delivery' && context && file ? { context, file } : undefined;
  const told: Told = (errors as Record<string, Told>)[error] ?? errors['States.ALL'];
  const stopsSchedule = told.stopsSchedule && stage === 'report' && typeof failure.originalJobId === 'string';
  return {
    heading: headingOf(title ? `${title} report` : 'report', stage, context?.delivery.recipients.length ?? 1),
    about: subject ? [subject] : [],
    failure: (told.mail ?? told.cause).replace(
      ' under reference {reference}',
      jobId ? ` under reference ${jobId}` : '',
    ),
    button: made && {
      label: 'Download the report',
      url: linkTo(downloadLink, made.context.report.reportType, jobId!),
    },
    paragraphs: [
      ...(made
        ? [texts.linkWorks(momentInWords(Date.parse(made.file.expiresAt), made.context.report.timeZone))]
        : []),
      ...(stopsSchedule ? [texts.scheduleStopped()] : []),
    ],
    facts: [
      ['Report', title],
      [failure.caseId === null ? 'Account' : 'Database', subject],
      ['Reference', jobId ?? undefined],
    ],
    help: jobId ? texts.help(supportAddress, jobId) : texts.helpWithoutReference(supportAddress),
  };
}

function headingOf(title: string, stage: Failure['stage'], recipients: number): string {
  if (stage === 'schedule') return texts.couldNotSchedule(title);
  if (stage !== 'delivery') return texts.couldNotCreate(title);
  return recipients > 1 ? texts.couldNotEmailAll(title) : texts.couldNotEmail(title);
}

/**
 * The name of the database, or of the account for a report on the whole of it, as far as the requester may see it now. A mail
 * about a failure goes out without it when the database does not answer.
 */
export async function subjectOf({ context, caseId, requestedBy }: Failure): Promise<string | undefined> {
  if (context) return context.subject.name;
  try {
    await using core = await connect(coreSchema());
    const { userId, email } = requestedBy;
    const [found] = await select<{ email: string; name: string }>(
      core,
      subjectSql,
      { caseId, userId },
      10_000,
    );
    return found && isSame(found.email, email) ? found.name : undefined;
  } catch {
    return undefined;
  }
}
