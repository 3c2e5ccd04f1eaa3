// A report is one object, in the folder of its name. Everything that the service knows about it is asked of that object.
import type { ReportType } from '../../contract/types.ts';
import type { ChosenColumn, CustomField } from '../lib/cells/columns.ts';
import type { Style } from '../lib/cells/rules.ts';
import type { AccessLevel } from '../lib/context.ts';
import type { AskedNames } from './asked.ts';

/** Texts in order; whatever does not apply is left out. */
export type Lines = (string | false | 0 | undefined)[];

/** Parameters are those of the contract, checked and with defaults. */
export type Report<Parameters = never> = {
  type: ReportType;
  /** The name that users know. */
  title: string;

  /** Its name where that depends on the parameters. */
  titleOf?(parameters: Parameters): string;

  /** Says in plain English which scope and filters the report has; a mail joins the parts by semicolons. */
  describe(parameters: Parameters): Lines;

  /**
   * Says what a user with this access to the case may not see of the report, one line per parameter. A report on the whole
   * account leaves this out: it is for Dashboard Administrators.
   */
  denied?(accessLevel: AccessLevel, parameters: Parameters): Lines;

  /** Says what can't be read in a newer case, which keeps the values of custom fields on S3, one line per parameter. */
  unreadableInNewerCases?(parameters: Parameters): Lines;

  /** Parameters that stay on S3, where Rails put them: they stand in no context, event, log or manifest. */
  confidential?: readonly string[];

  /** Descriptions of its columns, by field, where `meanings.ts` has none. */
  meanings?: Record<string, string>;

  /** The parameters of the first and the last day, which `period` stands for; `from` and `to` by default. */
  days?: readonly [first: string, last: string];

  /** Whether an account may demand that a Data Control Admin approves the report. */
  mayNeedApproval?: boolean;

  /** The one query that the report consists of. A report made in other ways has a machine and tasks that know it. */
  query?(parameters: Parameters, timeZone: string): ReportQuery;
};

export type ReportQuery = Style & {
  /**
   * The statement, on the case or, for a report on the account, on the core schema. Column aliases are the file's headers.
   * Named parameters are the report's own, `timeZone`, `accountId`, and `fromUtc` and `beforeUtc`, between which the days
   * from `from` to `to` lie; one that the request left out is NULL. DATETIME columns hold UTC and come out in the report's
   * zone. The lines of a column `Warnings` become warnings.
   */
  rows: string;
  /** A statement that counts the rows, as `found`, where that is cheap. It has the parameters of `rows`. */
  count?: string;
  /** More named parameters. */
  values?: Record<string, unknown>;
  /**
   * A statement that lists the columns that the case itself defines, as `id, title` in order. Then the last column of `rows`
   * is a JSON list of pairs: the id of such a column, and a value.
   */
  customFields?: string;
  /**
   * Documents to read in this order; `rows` is run with as many as fit at a time, as the JSON list `documentIds`. Those
   * that give no row were deleted since they were chosen.
   */
  documentIds?: number[];
  /** The columns of the file and their headers; all columns of `rows` when left out. */
  columns?: (customFields: CustomField[]) => ChosenColumn[] | undefined;
  /** The things that the request names by id or by name. A name that the case does not have becomes a warning. */
  asked?: {
    /** A statement that lists which of them there are, as `kind, name`. */
    found: string;
    names: AskedNames[];
  };
  /** Warnings that hold whatever the rows are. */
  notes?: string[];
  /** The number of rows at the end that are totals of the others. */
  totals?: number;
};

/** A statement that counts the rows of another. */
export function countOf(rows: string): string {
  return `SELECT COUNT(*) AS found FROM (\n${rows}\n) AS counted`;
}
