// Reasons for which there will be no report.

export type RefusalName =
  | 'InvalidRequest'
  | 'AccessDenied'
  | 'AccessLevelTooLow'
  | 'AdministratorsOnly'
  | 'ApprovalMissing'
  | 'RecipientDenied'
  | 'UserNotFound'
  | 'CaseNotFound'
  | 'CaseUnavailable';

/** Ends the work on a request that can never succeed. Its message has one line per problem. */
export class Refusal extends Error {
  readonly error: RefusalName;

  constructor(error: RefusalName, ...problems: string[]) {
    super(problems.join('\n'));
    this.error = error;
  }
}

/** Throws a refusal when there are problems. */
export function refuseIfAny(error: RefusalName, problems: string[]): void {
  if (problems.length > 0) throw new Refusal(error, ...problems);
}
