// The parts of user activity have one query in common.
import type { UserAction, UserActivityParameters } from '../../../contract/types.ts';
import { boundsOf } from '../../lib/time-zone.ts';

/** Small enough for the input of every child of a Map Run. */
export type ActivityQuery = {
  accountId: number;
  layout: 'summary' | 'detail';
  from: string;
  to: string;
  timeZone: string;
  /** Null for all users. */
  userIds: number[] | null;
  actions: UserAction[];
  includeZeroActivity: boolean;
};

export const actionNames: Record<UserAction, string> = {
  login: 'Login',
  database_access: 'Database Access',
  document_view: 'Document View',
  document_review: 'Document Review',
  search: 'Search',
  export: 'Export',
  download: 'Download',
};
const allActions = Object.keys(actionNames) as UserAction[];

/** @param parameters with defaults, and with days in place of a period */
export function activityQuery(
  { layout, from, to, actions = allActions, includeZeroActivity }: UserActivityParameters,
  accountId: number,
  timeZone: string,
  userIds: number[] | null,
): ActivityQuery {
  return {
    accountId,
    layout: layout!,
    from: from!,
    to: to!,
    timeZone,
    userIds,
    actions,
    includeZeroActivity: includeZeroActivity!,
  };
}

/** Whether any case has rows for the query: logins one by one belong to none, while a summary also has hours and idle users. */
export function coversCases({ layout, actions }: ActivityQuery): boolean {
  return layout === 'summary' || actions.some((action) => action !== 'login');
}

/** The named parameters of every statement of the report. */
export function valuesOf({ accountId, layout, from, to, timeZone, userIds, actions }: ActivityQuery) {
  const bounds = boundsOf(timeZone, from, to);
  return { accountId, ...bounds, everyone: !userIds, userIds, actions, oneByOne: layout === 'detail' };
}
