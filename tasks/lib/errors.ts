// The names of these errors are the contract with `Retry` in the state machines and with contract/errors.json.
// Each name is a literal, because a minified class name would never match.
import errors from '../../contract/errors.json' with { type: 'json' };

/** An error of ours. Only these may carry a name of contract/errors.json: see `task`. */
export class TaskError extends Error {}

/** The database could not be reached, or refused the login. Passes. */
export class DatabaseUnavailable extends TaskError {
  override name = 'DatabaseUnavailable';
}
/** The database or its proxy has no connection to give. Passes. */
export class DatabaseOverloaded extends TaskError {
  override name = 'DatabaseOverloaded';
}
/** The database chose our statement to give way to another. Passes. */
export class Deadlock extends TaskError {
  override name = 'Deadlock';
}
/** The connection broke, or nothing came through it any more, before the last row. Passes. */
export class ConnectionLost extends TaskError {
  override name = 'ConnectionLost';
}
/** S3 did not take the file. Passes. */
export class UploadFailed extends TaskError {
  override name = 'UploadFailed';
}
/** S3 did not give a file. Passes. */
export class StorageUnavailable extends TaskError {
  override name = 'StorageUnavailable';
}
/** The request asks for what can't be: found only while the report is made. Permanent. */
export class InvalidRequest extends TaskError {
  override name = 'InvalidRequest';
}
/** The case's schema is missing. Permanent. */
export class CaseUnavailable extends TaskError {
  override name = 'CaseUnavailable';
}
/** The statement ran longer than a task may. Permanent. */
export class QueryTooLong extends TaskError {
  override name = 'QueryTooLong';
}
/** The file is larger than the task can deliver. Permanent. */
export class TooLarge extends TaskError {
  override name = 'TooLarge';
}
/** None of the chosen cases could be read. Permanent. */
export class AllCasesUnavailable extends TaskError {
  override name = 'AllCasesUnavailable';
}
/** A part of a report across cases is not there, or not whole. Permanent: only the Map Run could make it anew. */
export class PartMissing extends TaskError {
  override name = 'PartMissing';
}
/** The hits of a search, or their counts, are not on S3 or not as they should be. Permanent. */
export class SearchResultMissing extends TaskError {
  override name = 'SearchResultMissing';
}
/** The database refused a statement of ours: a wrong query, or a schema that differs from the one it was written for. */
export class QueryFailed extends TaskError {
  override name = 'QueryFailed';
  /** The server's number for it. */
  number?: number;
}
/** The database cut, lost or changed values of an answer, so that the report would not be whole. */
export class AnswerIncomplete extends TaskError {
  override name = 'AnswerIncomplete';
}
/** An environment variable that the task needs is not set, or not what it should be. */
export class SettingMissing extends TaskError {
  override name = 'SettingMissing';
}

/** SES surely did not send the mail: it said no, or was never reached. Passes. */
export class MailNotAccepted extends TaskError {
  override name = 'MailNotAccepted';
}
/** The mail was handed over, but the answer of SES was lost. Only an operator can decide whether to send it again. */
export class MailAnswerUnknown extends TaskError {
  override name = 'MailAnswerUnknown';
}

/** Problems without what they say of values, for stored parameters, which may be confidential: events name them only. */
export function namesOnly(problems: string): string {
  return problems.replace(
    /^(parameters(?:\.[^:\n]*)?): (?!Missing\.$|Unknown parameter\.$|Give ).*$/gm,
    '$1: Refused. The value is confidential.',
  );
}

/**
 * The handler of a function. An error of another's, such as S3's AccessDenied, never carries a name of ours: it would be
 * explained to users as ours, and be retried or not by its name. Of stored parameters, an error quotes names only.
 */
export function task<Parameters extends unknown[], Result>(
  handler: (...parameters: Parameters) => Promise<Result>,
): (...parameters: Parameters) => Promise<Result> {
  return async (...parameters) => {
    try {
      return await handler(...parameters);
    } catch (error) {
      const [event] = parameters as { context?: { report?: { parametersKey?: string } } }[];
      if (error instanceof InvalidRequest && event?.context?.report?.parametersKey)
        throw new InvalidRequest(namesOnly(error.message));
      if (error instanceof TaskError || !(error instanceof Error) || !(error.name in errors)) throw error;
      throw Object.assign(new Error(error.message), { name: `Unexpected${error.name}` });
    }
  };
}

type ErrorClass = new (message: string) => Error;

const byNumber: Record<number, [ErrorClass, string]> = {
  1040: [DatabaseOverloaded, 'The database has too many connections.'],
  1203: [DatabaseOverloaded, 'The database user has too many connections.'],
  1226: [DatabaseOverloaded, 'The database user has used up its resources.'],
  9501: [DatabaseOverloaded, 'The database proxy had no connection to give.'],
  1044: [DatabaseUnavailable, 'The database refused the login.'],
  1045: [DatabaseUnavailable, 'The database refused the login.'],
  1049: [CaseUnavailable, 'The schema does not exist.'],
  1205: [Deadlock, 'The statement waited too long for a lock.'],
  1213: [Deadlock, 'The statement met a deadlock.'],
  1053: [ConnectionLost, 'The database is shutting down.'],
  1317: [ConnectionLost, 'The statement was killed on the database.'],
  1927: [ConnectionLost, 'The connection was killed on the database.'],
  1969: [QueryTooLong, 'The statement ran longer than it may.'],
  3024: [QueryTooLong, 'The statement ran longer than it may.'],
};

const byCode: Record<string, [ErrorClass, string]> = {
  PROTOCOL_CONNECTION_LOST: [ConnectionLost, 'The connection to the database was lost.'],
  ECONNRESET: [ConnectionLost, 'The connection to the database was reset.'],
  EPIPE: [ConnectionLost, 'The connection to the database was closed.'],
  ABORT_ERR: [QueryTooLong, 'The task ran out of time.'],
  PROTOCOL_SEQUENCE_TIMEOUT: [QueryTooLong, 'The task ran out of time.'],
};

/**
 * The error of ours for an error of mysql2. The message holds error names only: the driver's own texts and
 * properties carry the statement with its values, and would end up in logs and events.
 */
export function databaseError(error: unknown): Error {
  const { errno, code, syscall } = error as NodeJS.ErrnoException;
  // The error of a socket has an errno as well, the negative one of the system.
  const known = byNumber[errno ?? 0] ?? (syscall === 'connect' ? undefined : byCode[code ?? '']);
  if (known) return new known[0](known[1]);
  if (errno && errno > 0) {
    const message = `The database answered with error ${errno} (${code}).`;
    return Object.assign(new QueryFailed(message), { number: errno });
  }
  return code ? new DatabaseUnavailable(`The database could not be reached (${code}).`) : (error as Error);
}
