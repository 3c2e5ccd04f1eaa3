// The account whose reports go across cases.
import { calderAccountId, caseIds, emails, userIds } from './ids.ts';
import { type Account, access, created, type Tables } from './rows.ts';

const calderUser = (user: keyof typeof userIds & keyof typeof emails, first_name: string, more = {}) => ({
  id: userIds[user],
  account_id: calderAccountId,
  email: emails[user],
  first_name,
  created_at: created,
  ...more,
});
const calderCase = (id: number, name: string, more = {}) => ({
  id,
  account_id: calderAccountId,
  name,
  case_type: 'review',
  created_at: created,
  ...more,
});
const login = (user_id: number, created_at: string) => ({ user_id, action: 'login', created_at });
const opening = (user_id: number, npcase_id: number, created_at: string) => ({
  user_id,
  npcase_id,
  action: 'case_access',
  created_at,
});

const activity = (user_id: number, action: string, created_at: string, more = {}) => ({
  user_id,
  action,
  created_at,
  ...more,
});
/** Something done to a document. */
const onDocument = (user_id: number, action: string, object_id: number, created_at: string, more = {}) =>
  activity(user_id, action, created_at, { object_type: 'document', object_id, ...more });

const northgate: Tables = {
  activities: [
    onDocument(userIds.calderAttorney, 'document_view', 11, '2026-11-02 06:01:00'),
    onDocument(userIds.calderAttorney, 'document_view', 11, '2026-11-02 06:02:00'),
    onDocument(userIds.calderAttorney, 'document_view', 12, '2026-11-02 06:03:00'),
    activity(userIds.calderAttorney, 'search', '2026-11-02 06:04:00', {
      details: '=cmd|"seal failure"\r\nAND 5/3',
    }),
    activity(userIds.calderAttorney, 'export', '2026-11-02 06:05:00', { details: '2 documents' }),
    onDocument(userIds.calderAttorney, 'download', 12, '2026-11-02 06:06:00'),
    // At the same second as the reviewer opened the database.
    onDocument(userIds.calderReviewer, 'document_view', 11, '2026-11-03 14:00:30'),
    onDocument(userIds.calderReviewer, 'document_review', 11, '2026-11-03 14:02:00', {
      details: 'Responsive',
    }),
    onDocument(userIds.calderReviewer, 'document_review', 11, '2026-11-03 14:03:00', {
      details: 'Not responsive',
    }),
    onDocument(userIds.attorney, 'document_view', 13, '2026-11-02 09:01:00'),
    onDocument(userIds.calderRemoved, 'document_view', 14, '2026-10-02 09:02:00'),
    // Of a user whom the core schema does not know any more, and of one whom nobody does.
    onDocument(97, 'document_view', 15, '2026-11-05 10:00:00'),
    activity(98, 'search', '2026-11-05 11:00:00'),
  ],
  review_timers: [
    { user_id: userIds.calderReviewer, started_at: '2026-11-03 14:00:00', stopped_at: '2026-11-03 15:30:00' },
    // Forgotten over night, into the next month.
    { user_id: userIds.calderReviewer, started_at: '2026-11-30 22:00:00', stopped_at: '2026-12-01 08:00:00' },
    { user_id: userIds.calderReviewer, started_at: '2026-11-20 22:00:00', stopped_at: null },
    { user_id: userIds.calderRemoved, started_at: '2026-10-02 09:00:00', stopped_at: '2026-10-02 10:00:00' },
    { user_id: userIds.calderIdle, started_at: '2026-11-10 08:00:00', stopped_at: '2026-11-10 08:15:00' },
  ],
  case_users: [{ user_id: 97, name: 'Former Temp', email: 'temp@calderfinch.example' }],
};

const harbor: Tables = {
  activities: [
    onDocument(userIds.calderAdministrator, 'document_view', 1, '2026-11-02 15:02:00'),
    onDocument(userIds.calderReviewer, 'document_view', 1, '2026-11-03 16:01:00'),
    activity(userIds.calderReviewer, 'document_view', '2026-11-03 16:02:00', {
      object_type: 'transcript',
      object_id: 9,
    }),
    onDocument(userIds.calderReviewer, 'document_review', 2, '2026-11-04 16:01:00'),
    // Of a user of the account whose access was taken away, and who was called something else then.
    onDocument(userIds.calderAttorney, 'document_view', 3, '2026-11-04 16:02:00'),
  ],
  review_timers: [
    // Edited until it ended before it began.
    { user_id: userIds.calderIdle, started_at: '2026-11-21 12:00:00', stopped_at: '2026-11-21 11:00:00' },
  ],
  case_users: [
    { user_id: userIds.calderAttorney, name: 'Robert Finch', email: 'robert@calderfinch.example' },
  ],
};

export const calderFinch: Account = {
  core: {
    accounts: [{ id: calderAccountId, name: 'Calder Finch LLP', created_at: created }],
    users: [
      calderUser('calderAdministrator', 'Ines', { last_name: 'Calder', account_admin: true }),
      calderUser('calderAttorney', 'Bo', { last_name: 'Finch' }),
      calderUser('calderReviewer', 'Maya', { last_name: 'Ortiz' }),
      calderUser('calderRemoved', 'Rex', { last_name: 'Amsel', removed_at: '2026-10-15 12:00:00' }),
      calderUser('calderIdle', '=Ida', { last_name: 'Stern' }),
    ],
    npcases: [
      calderCase(caseIds.northgate, 'Northgate v. Ulster, Inc.', {
        case_type: 'trial_prep',
        project_name: 'Northgate',
        client_number: '000123',
        matter_number: '7-4',
      }),
      calderCase(caseIds.harbor, '=Harbor', { project_name: 'Northgate' }),
      calderCase(caseIds.quiet, 'Quiet'),
      calderCase(caseIds.calderMissing, 'Lost "and" Found'),
      calderCase(caseIds.calderArchived, 'Shelved', {
        status: 'archived',
        archived_at: '2026-03-01 00:00:00',
      }),
      calderCase(caseIds.drifted, 'Old Structure'),
    ],
    npcase_users: [
      access(caseIds.northgate, userIds.calderAttorney, 'advanced'),
      access(caseIds.northgate, userIds.calderReviewer, 'reviewer'),
      access(caseIds.northgate, userIds.calderRemoved, 'standard'),
      access(caseIds.northgate, userIds.calderIdle, 'view_only'),
      // A guest of another firm.
      access(caseIds.northgate, userIds.attorney, 'basic'),
      access(caseIds.harbor, userIds.calderReviewer, 'standard'),
      // From before the user became an administrator.
      access(caseIds.harbor, userIds.calderAdministrator, 'view_only'),
      access(caseIds.quiet, userIds.calderIdle, 'standard'),
      // Of a user whom the core schema does not know any more.
      access(caseIds.quiet, 97, 'standard'),
      access(caseIds.drifted, userIds.calderReviewer, 'standard'),
    ],
    user_activities: [
      login(userIds.calderAdministrator, '2026-11-02 15:00:00'),
      login(userIds.calderAttorney, '2026-11-01 05:59:59'),
      // The day on which the clocks went back in Chicago began here, and lasted 25 hours.
      login(userIds.calderAttorney, '2026-11-01 05:00:00'),
      login(userIds.calderAttorney, '2026-11-02 05:59:59'),
      login(userIds.calderAttorney, '2026-11-02 06:00:00'),
      login(userIds.calderReviewer, '2026-11-03 14:00:00'),
      login(userIds.calderRemoved, '2026-10-02 09:00:00'),
      // Of another account: a guest's logins are nobody's business here.
      login(userIds.attorney, '2026-11-02 09:00:00'),
      opening(userIds.calderAdministrator, caseIds.harbor, '2026-11-02 15:01:00'),
      opening(userIds.calderAttorney, caseIds.northgate, '2026-11-02 06:00:05'),
      opening(userIds.calderReviewer, caseIds.northgate, '2026-11-03 14:00:30'),
      opening(userIds.calderReviewer, caseIds.harbor, '2026-11-03 16:00:00'),
      opening(userIds.calderReviewer, caseIds.harbor, '2026-11-04 16:00:00'),
      opening(userIds.calderReviewer, caseIds.drifted, '2026-11-05 16:00:00'),
      opening(userIds.calderRemoved, caseIds.northgate, '2026-10-02 09:01:00'),
      opening(userIds.attorney, caseIds.northgate, '2026-11-02 09:00:30'),
      // Of a user whom the core schema does not know any more.
      opening(97, caseIds.northgate, '2026-11-05 09:59:00'),
      // An administrator, but of another account: a guest whose access was taken away.
      opening(userIds.otherAccount, caseIds.quiet, '2026-11-06 09:00:00'),
      // At the very end of November.
      opening(userIds.calderReviewer, caseIds.northgate, '2026-12-01 00:00:00'),
    ],
  },
  cases: {
    [caseIds.northgate]: northgate,
    [caseIds.harbor]: harbor,
    [caseIds.quiet]: {},
    [caseIds.calderArchived]: {},
    [caseIds.drifted]: {
      activities: [activity(userIds.calderReviewer, 'search', '2026-11-05 16:01:00')],
    },
  },
  drift: { [caseIds.drifted]: 'ALTER TABLE activities DROP COLUMN object_id' },
};
