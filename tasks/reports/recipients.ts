// Whether users may see a report: asked when it is made, and again at the moment when its contents leave in a mail.
import type { Connection } from 'mysql2/promise';
import type { ReportType } from '../../contract/types.ts';
import { isSame } from '../lib/addresses.ts';
import type { AccessLevel } from '../lib/context.ts';
import { select } from '../lib/database/connection.ts';
import { reportOf } from './index.ts';
import recipientsSql from './recipients.sql';
import type { Lines } from './report.ts';

/** A user of the account. */
export type User = { email: string; name: string; accessLevel: AccessLevel | null; mayOpen: 0 | 1 };

/** The users of the account who have one of these addresses, by address. Throws what `select` throws. */
export async function usersOf(
  core: Connection,
  accountId: number,
  caseId: number | null,
  emails: string[],
): Promise<(email: string) => User | undefined> {
  // The database knows more capitals than an address has; isSame decides.
  const values = { caseId, emails: emails.map((email) => email.toLowerCase()), accountId };
  const users = await select<User>(core, recipientsSql, values);
  return (email) => users.find((user) => isSame(user.email, email));
}

/** The parts of a report that a user with this access may not see, one line per parameter. */
export function deniedTo(
  accessLevel: AccessLevel | null,
  { reportType, parameters }: { reportType: ReportType; parameters: Record<string, unknown> },
): string[] {
  return accessLevel ? given(reportOf(reportType).denied?.(accessLevel, parameters as never)) : [];
}

/** The lines that apply. */
export function given(lines: Lines = []): string[] {
  return lines.filter((line) => typeof line === 'string');
}
