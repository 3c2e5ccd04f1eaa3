// The report on user activity: its columns, and its rows from what the core schema and the cases hold.
import { Types } from 'mysql2';
import type { UserAction } from '../../../contract/types.ts';
import type { Row } from '../../lib/database/rows.ts';
import type { CaseItem, Field } from '../../lib/files/parts.ts';
import { boundsOf } from '../../lib/time-zone.ts';

/** What all parts of one report have in common; small enough for the input of every child of a Map Run. */
export type ActivityQuery = {
  accountId: number;
  layout: 'summary' | 'detail';
  from: string;
  to: string;
  timeZone: string;
  /** Null stands for everybody. */
  userIds: number[] | null;
  actions: UserAction[];
  includeZeroActivity: boolean;
};

const actionNames: Record<UserAction, string> = {
  login: 'Login',
  database_access: 'Database Access',
  document_view: 'Document View',
  document_review: 'Document Review',
  search: 'Search',
  export: 'Export',
  download: 'Download',
};
export const allActions = Object.keys(actionNames) as UserAction[];

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

/** The named parameters of every statement of the report. */
export function valuesOf({ accountId, layout, from, to, timeZone, userIds, actions }: ActivityQuery) {
  const bounds = boundsOf(timeZone, from, to);
  return { accountId, ...bounds, everyone: !userIds, userIds, actions, oneByOne: layout === 'detail' };
}

/** A user with logins or accesses: all of them counted, or one of them. Texts are the server's own. */
export type Visitor = {
  userId: string;
  /** Empty for somebody whom the core schema does not know any more. */
  name: string;
  /** Null for somebody whom no schema knows any more. */
  email: string | null;
  accessLevel: string | null;
  /** Whether the user belongs there now, so that no activity is worth a row. */
  hasAccess: boolean;
  count: number;
  firstAt: string | null;
  lastAt: string | null;
};

/** A row of the statements on logins and on accesses. */
export function visitorOf([
  userId,
  name,
  email,
  accessLevel,
  hasAccess,
  count,
  firstAt,
  lastAt,
]: Row): Visitor {
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

/** What a user did in a case, as the server's own texts. */
export type Work = {
  firstAt: string | null;
  lastAt: string | null;
  views: string;
  documentsViewed: string;
  documentsReviewed: string;
  searches: string;
  exports: string;
  trackedHours: string;
};

const idle: Work = {
  firstAt: null,
  lastAt: null,
  views: '0',
  documentsViewed: '0',
  documentsReviewed: '0',
  searches: '0',
  exports: '0',
  trackedHours: '0.00',
};

/** One user's row of the account; null when there is nothing to say. */
export function loginsRow(query: ActivityQuery, user: Visitor): Row | null {
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

/** One user's row of a database; null when there is nothing to say. */
export function workRow(query: ActivityQuery, item: CaseItem, user: Visitor, work = idle): Row | null {
  const { actions } = query;
  const accesses = actions.includes('database_access') ? user.count : 0;
  const isIdle = accesses === 0 && work === idle;
  if (isIdle && !(query.includeZeroActivity && user.hasAccess)) return null;
  const times = [...(accesses > 0 ? [user.firstAt, user.lastAt] : []), work.firstAt, work.lastAt]
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
    blankUnlessChosen(work.views, 'document_view'),
    blankUnlessChosen(work.documentsViewed, 'document_view'),
    blankUnlessChosen(work.documentsReviewed, 'document_review'),
    blankUnlessChosen(work.searches, 'search'),
    blankUnlessChosen(work.exports, 'export', 'download'),
    work.trackedHours,
    query.timeZone,
  ];
}

export type Event = {
  at: string;
  user: Pick<Visitor, 'name' | 'email'>;
  action: string;
  /** Type, id and details of what it was done to. */
  object?: Row;
};

/** One event's row; without a case it belongs to the account. */
export function eventRow({ timeZone }: ActivityQuery, item: CaseItem | null, event: Event): Row {
  const { at, user, action, object = [null, null, null] } = event;
  const place = item ? [String(item.caseId), item.name, item.type] : [null, '(account)', null];
  return [
    at,
    timeZone,
    user.name,
    user.email,
    ...place,
    actionNames[action as UserAction] ?? action,
    ...object,
  ];
}

const collator = new Intl.Collator('en');

/** Users by name, those of one name by address and id. */
export function byName(one: Visitor, other: Visitor): number {
  const order =
    collator.compare(one.name, other.name) || collator.compare(one.email ?? '', other.email ?? '');
  return order || Number(one.userId) - Number(other.userId);
}
