// The columns and rows of user activity, from what the core schema and the cases hold.
import { Types } from 'mysql2';
import type { UserAction } from '../../../contract/types.ts';
import type { Field } from '../../lib/cells/columns.ts';
import type { Row } from '../../lib/database/rows.ts';
import type { CaseItem } from '../../lib/files/parts.ts';
import { type ActivityQuery, actionNames } from './query.ts';

const { VAR_STRING: text, DATETIME: time, LONGLONG: number, NEWDECIMAL: decimal } = Types;
const columns: Record<ActivityQuery['layout'], [string, number][]> = {
  summary: [
    ['User Name', text],
    ['User Email', text],
    ['Access Level', text],
    ['Project Name', text],
    ['Client Number', text],
    ['Matter Number', text],
    ['Database ID', number],
    ['Database Name', text],
    ['Database Type', text],
    ['First Activity', time],
    ['Last Activity', time],
    ['Logins', number],
    ['Database Accesses', number],
    ['Document Views', number],
    ['Unique Documents Viewed', number],
    ['Documents Reviewed', number],
    ['Searches', number],
    ['Exports and Downloads', number],
    ['Tracked Hours', decimal],
    ['Time Zone', text],
  ],
  detail: [
    ['Occurred At', time],
    ['Time Zone', text],
    ['User Name', text],
    ['User Email', text],
    ['Database ID', number],
    ['Database Name', text],
    ['Database Type', text],
    ['Action', text],
    ['Object Type', text],
    ['Nextpoint ID', number],
    ['Details', text],
  ],
};

export function fieldsOf({ layout }: ActivityQuery): Field[] {
  return columns[layout].map(([name, columnType]) => ({ name, columnType }));
}

/**
 * A user and their accesses to a case, or their logins to the account: counted by user in a summary, one by one in detail.
 * Texts are the server's own.
 */
export type CaseAccess = {
  userId: string;
  /** Empty when the user record is missing from the core schema. */
  name: string;
  /** Null when the user record is missing from the core schema and from the case. */
  email: string | null;
  accessLevel: string | null;
  /** Whether the user has access now. If so, even no activity is worth a row. */
  hasAccess: boolean;
  count: number;
  firstAt: string | null;
  lastAt: string | null;
};

/** Reads a row of the statements on logins and on accesses. */
export function accessOf([
  userId,
  name,
  email,
  accessLevel,
  hasAccess,
  count,
  firstAt,
  lastAt,
]: Row): CaseAccess {
  return {
    userId: userId!,
    name: name!,
    email: email!,
    accessLevel: accessLevel!,
    hasAccess: hasAccess === '1',
    count: Number(count),
    firstAt: firstAt!,
    lastAt: lastAt!,
  };
}

/** The activity of a user in a case, as the server's own texts. */
export type CaseActivity = {
  firstAt: string | null;
  lastAt: string | null;
  views: string;
  documentsViewed: string;
  documentsReviewed: string;
  searches: string;
  exports: string;
  trackedHours: string;
};

const idle: CaseActivity = {
  firstAt: null,
  lastAt: null,
  views: '0',
  documentsViewed: '0',
  documentsReviewed: '0',
  searches: '0',
  exports: '0',
  trackedHours: '0.00',
};

/** The row of a user's logins in a summary; null when it would be empty. */
export function loginsRow(query: ActivityQuery, user: CaseAccess): Row | null {
  if (user.count === 0 && !(query.includeZeroActivity && user.hasAccess)) return null;
  return [
    user.name,
    user.email,
    user.accessLevel,
    ...[null, null, null, null, '(account)', null],
    user.firstAt,
    user.lastAt,
    String(user.count),
    ...[null, null, null, null, null, null, null],
    query.timeZone,
  ];
}

/** The row of a user in a case in a summary; null when it would be empty. */
export function activityRow(
  query: ActivityQuery,
  item: CaseItem,
  user: CaseAccess,
  activity = idle,
): Row | null {
  const { actions } = query;
  const accesses = actions.includes('database_access') ? user.count : 0;
  const isIdle = accesses === 0 && activity === idle;
  if (isIdle && !(query.includeZeroActivity && user.hasAccess)) return null;
  const times = [...(accesses > 0 ? [user.firstAt, user.lastAt] : []), activity.firstAt, activity.lastAt]
    .filter((time) => time !== null)
    .sort();
  const blankUnlessChosen = (value: string, ...kinds: UserAction[]) =>
    kinds.some((kind) => actions.includes(kind)) ? value : null;
  return [
    user.name,
    user.email,
    user.accessLevel,
    item.projectName,
    item.clientNumber,
    item.matterNumber,
    String(item.caseId),
    item.name,
    item.type,
    times[0] ?? null,
    times.at(-1) ?? null,
    null,
    blankUnlessChosen(String(accesses), 'database_access'),
    blankUnlessChosen(activity.views, 'document_view'),
    blankUnlessChosen(activity.documentsViewed, 'document_view'),
    blankUnlessChosen(activity.documentsReviewed, 'document_review'),
    blankUnlessChosen(activity.searches, 'search'),
    blankUnlessChosen(activity.exports, 'export', 'download'),
    activity.trackedHours,
    query.timeZone,
  ];
}

export type Event = {
  at: string;
  user: Pick<CaseAccess, 'name' | 'email'>;
  action: string;
  /** Type, id and details of the object. */
  object?: Row;
};

/** The row of an event in detail; one without a case belongs to the account. */
export function eventRow({ timeZone }: ActivityQuery, item: CaseItem | null, event: Event): Row {
  const { at, user, action, object = [null, null, null] } = event;
  const database = item ? [String(item.caseId), item.name, item.type] : [null, '(account)', null];
  return [
    at,
    timeZone,
    user.name,
    user.email,
    ...database,
    actionNames[action as UserAction] ?? action,
    ...object,
  ];
}

const collator = new Intl.Collator('en');

/** Compares users by name, then by address, then by id. */
export function byName(one: CaseAccess, other: CaseAccess): number {
  const order =
    collator.compare(one.name, other.name) || collator.compare(one.email ?? '', other.email ?? '');
  return order || Number(one.userId) - Number(other.userId);
}
