// The rows of the seeded data set. People, firms and matters are invented.

/** Rows to insert, column by column name. */
export type Table = Record<string, string | number | boolean | null>[];
export type CaseData = Record<string, Table>;

/** Users by what they are to the tests. */
export const userIds = {
  dashboardAdministrator: 1,
  paralegal: 2,
  attorney: 3,
  reviewer: 4,
  withoutAccess: 5,
  removed: 6,
  otherAccount: 7,
  unverified: 8,
  copied: 9,
  viewer: 10,
  dataControlAdmin: 11,
  bouncing: 20,
  complaining: 21,
  // Of the account whose reports go across cases.
  calderAdministrator: 41,
  calderAttorney: 42,
  calderReviewer: 43,
  calderRemoved: 44,
  calderIdle: 45,
};

export const emails = {
  dashboardAdministrator: 'dana.whitfield@harlowpike.example',
  paralegal: 'priya.raman@harlowpike.example',
  attorney: 'jose.nunez@harlowpike.example',
  reviewer: 'wei.zhang@harlowpike.example',
  withoutAccess: 'tom.oneill@harlowpike.example',
  removed: 'gone.girard@harlowpike.example',
  otherAccount: 'olga.brandt@brandtlegal.example',
  /** SES refuses mail to this address on the local stack. */
  unverified: 'kim.sato@unverified.example',
  /** Outside the domains that development mails to, as real addresses in copied data are. */
  copied: 'lee.ward@client.example',
  /** Sees no coding and no metadata in the newer case. */
  viewer: 'vic.lang@harlowpike.example',
  /** Of the other account. */
  dataControlAdmin: 'anke.vogt@brandtlegal.example',
  /** Of the mailbox simulator of SES, on the local stack as on AWS. */
  bouncing: 'bounce@simulator.amazonses.com',
  complaining: 'complaint@simulator.amazonses.com',
  /** Nobody's on the platform. */
  outside: 'expert@nextpoint.example',
  calderAdministrator: 'ines.calder@calderfinch.example',
  calderAttorney: 'bo.finch@calderfinch.example',
  calderReviewer: 'maya.ortiz@calderfinch.example',
  calderRemoved: 'rex.amsel@calderfinch.example',
  calderIdle: 'ida.stern@calderfinch.example',
};

/** Cases by what they are to the tests. */
export const caseIds = {
  /** A Litigation case full of traps for a CSV file. */
  pumps: 1001,
  /** A Litigation case without rows. */
  empty: 1002,
  /** In `npcases`, but its schema is missing. */
  missing: 1003,
  archived: 1004,
  /** A case of another account. */
  otherAccount: 1005,
  /** A Litigation case to fill with generated volumes. */
  large: 1006,
  /** A case whose name has no Latin letters. */
  nonLatin: 1007,
  /** A case of the newer kind, whose custom fields are kept on S3. */
  newer: 1008,
  // Of the account whose reports go across cases.
  northgate: 2001,
  harbor: 2002,
  /** Nobody did anything in it. */
  quiet: 2003,
  calderMissing: 2004,
  calderArchived: 2005,
  /** Its schema is older than the others: activities lack a column. */
  drifted: 2006,
};

/** The account whose reports go across cases; generated cases are added to it. */
export const calderAccountId = 4;

const created = '2026-01-05 09:00:00';
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
const access = (npcase_id: number, user_id: number, access_level: string) => ({
  npcase_id,
  user_id,
  access_level,
  created_at: created,
});

export const coreData: Record<string, Table> = {
  accounts: [
    { id: 1, name: 'Harlow, Pike & Associés LLP', created_at: created },
    {
      id: 2,
      name: 'Brandt Legal',
      allow_outside_recipients: true,
      require_report_approval: true,
      created_at: created,
    },
    { id: 3, name: 'Unused Account', created_at: created },
    { id: calderAccountId, name: 'Calder Finch LLP', created_at: created },
  ],
  users: [
    {
      id: userIds.dashboardAdministrator,
      account_id: 1,
      email: emails.dashboardAdministrator,
      first_name: 'Dana',
      last_name: 'Whitfield',
      account_admin: true,
      created_at: created,
    },
    {
      id: userIds.paralegal,
      account_id: 1,
      email: emails.paralegal,
      first_name: 'Priya',
      last_name: 'Raman',
      created_at: created,
    },
    {
      id: userIds.attorney,
      account_id: 1,
      email: emails.attorney,
      first_name: 'José',
      last_name: 'Núñez',
      created_at: created,
    },
    {
      id: userIds.reviewer,
      account_id: 1,
      email: emails.reviewer,
      first_name: 'Wei',
      last_name: 'Zhang',
      created_at: created,
    },
    {
      id: userIds.withoutAccess,
      account_id: 1,
      email: emails.withoutAccess,
      first_name: 'Tom',
      last_name: "O'Neill",
      created_at: created,
    },
    {
      id: userIds.removed,
      account_id: 1,
      email: emails.removed,
      first_name: 'Gone',
      last_name: 'Girard',
      removed_at: '2026-06-30 17:00:00',
      created_at: created,
    },
    {
      id: userIds.otherAccount,
      account_id: 2,
      email: emails.otherAccount,
      first_name: 'Olga',
      last_name: 'Brandt',
      account_admin: true,
      created_at: created,
    },
    {
      id: userIds.unverified,
      account_id: 1,
      email: emails.unverified,
      first_name: 'Kim',
      last_name: 'Sato',
      created_at: created,
    },
    {
      id: userIds.copied,
      account_id: 1,
      email: emails.copied,
      first_name: 'Lee',
      last_name: 'Ward',
      created_at: created,
    },
    {
      id: userIds.viewer,
      account_id: 1,
      email: emails.viewer,
      first_name: 'Vic',
      last_name: 'Lang',
      created_at: created,
    },
    {
      id: userIds.bouncing,
      account_id: 1,
      email: emails.bouncing,
      first_name: 'Former',
      last_name: 'Expert',
      created_at: created,
    },
    {
      id: userIds.complaining,
      account_id: 1,
      email: emails.complaining,
      first_name: 'Spam',
      last_name: 'Button',
      created_at: created,
    },
    {
      id: userIds.dataControlAdmin,
      account_id: 2,
      email: emails.dataControlAdmin,
      first_name: 'Anke',
      last_name: 'Vogt',
      data_control_admin: true,
      created_at: created,
    },
    calderUser('calderAdministrator', 'Ines', { last_name: 'Calder', account_admin: true }),
    calderUser('calderAttorney', 'Bo', { last_name: 'Finch' }),
    calderUser('calderReviewer', 'Maya', { last_name: 'Ortiz' }),
    calderUser('calderRemoved', 'Rex', { last_name: 'Amsel', removed_at: '2026-10-15 12:00:00' }),
    calderUser('calderIdle', '=Ida', { last_name: 'Stern' }),
  ],
  npcases: [
    {
      id: caseIds.pumps,
      account_id: 1,
      name: 'Müller v. Acme Pumps, Inc. (Trial)',
      case_type: 'trial_prep',
      project_name: 'Müller v. Acme',
      client_number: 'C-0042',
      matter_number: 'M-7',
      created_at: created,
    },
    {
      id: caseIds.empty,
      account_id: 1,
      name: 'In re Quiet Harbor',
      case_type: 'trial_prep',
      created_at: created,
    },
    { id: caseIds.missing, account_id: 1, name: 'Lost Matter', case_type: 'trial_prep', created_at: created },
    {
      id: caseIds.archived,
      account_id: 1,
      name: 'Old Matter',
      case_type: 'trial_prep',
      status: 'archived',
      archived_at: '2026-03-01 00:00:00',
      created_at: created,
    },
    {
      id: caseIds.otherAccount,
      account_id: 2,
      name: 'Brandt v. Stone',
      case_type: 'trial_prep',
      created_at: created,
    },
    {
      id: caseIds.large,
      account_id: 1,
      name: 'Multi-District Pump Litigation',
      case_type: 'trial_prep',
      created_at: created,
    },
    { id: caseIds.nonLatin, account_id: 1, name: '東京訴訟', case_type: 'trial_prep', created_at: created },
    {
      id: caseIds.newer,
      account_id: 1,
      name: 'Newer Matter',
      case_type: 'review',
      nge_enabled: true,
      created_at: created,
    },
    calderCase(caseIds.northgate, 'Northgate v. Ulster, Inc.', {
      case_type: 'trial_prep',
      project_name: 'Northgate',
      client_number: '000123',
      matter_number: '7-4',
    }),
    calderCase(caseIds.harbor, '=Harbor', { project_name: 'Northgate' }),
    calderCase(caseIds.quiet, 'Quiet'),
    calderCase(caseIds.calderMissing, 'Lost "and" Found'),
    calderCase(caseIds.calderArchived, 'Shelved', { status: 'archived', archived_at: '2026-03-01 00:00:00' }),
    calderCase(caseIds.drifted, 'Old Structure'),
  ],
  npcase_statistics: [
    {
      npcase_id: caseIds.pumps,
      active_bytes: 1_610_612_736,
      documents: 8,
      pages: 46,
      collected_at: '2026-11-22 03:00:00',
    },
    {
      npcase_id: caseIds.archived,
      active_bytes: 0,
      documents: 0,
      pages: 0,
      collected_at: '2026-02-28 03:00:00',
    },
  ],
  npcase_users: [
    access(caseIds.pumps, userIds.paralegal, 'standard'),
    access(caseIds.pumps, userIds.attorney, 'advanced'),
    access(caseIds.pumps, userIds.reviewer, 'reviewer'),
    access(caseIds.pumps, userIds.removed, 'standard'),
    access(caseIds.pumps, userIds.otherAccount, 'view_only'),
    access(caseIds.pumps, userIds.unverified, 'standard'),
    access(caseIds.pumps, userIds.copied, 'standard'),
    access(caseIds.pumps, userIds.bouncing, 'standard'),
    access(caseIds.pumps, userIds.complaining, 'standard'),
    access(caseIds.empty, userIds.paralegal, 'standard'),
    access(caseIds.missing, userIds.paralegal, 'standard'),
    access(caseIds.archived, userIds.paralegal, 'standard'),
    access(caseIds.large, userIds.paralegal, 'standard'),
    access(caseIds.nonLatin, userIds.paralegal, 'standard'),
    access(caseIds.newer, userIds.paralegal, 'standard'),
    access(caseIds.newer, userIds.viewer, 'view_only'),
    access(caseIds.otherAccount, userIds.otherAccount, 'advanced'),
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
    {
      user_id: userIds.paralegal,
      npcase_id: null,
      action: 'login',
      created_at: '2026-11-20 14:02:11',
    },
    {
      user_id: userIds.paralegal,
      npcase_id: caseIds.pumps,
      action: 'case_access',
      created_at: '2026-11-20 14:02:40',
    },
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
};

const deponent = (id: number, last_name: string | null, first_name: string | null, more = {}) => ({
  id,
  last_name,
  first_name,
  created_at: created,
  ...more,
});
const volume = (id: number, deposition_id: number | null, more = {}) => ({
  id,
  deposition_id,
  batch_id: 1,
  file_format: 'PTX',
  created_at: '2026-01-15 18:30:00',
  ...more,
});
const clip = (deposition_volume_id: number, label_id: number | null, start_page: number, more = {}) => ({
  deposition_volume_id,
  label_id,
  start_page,
  start_line: 4,
  end_page: start_page + 1,
  end_line: 21,
  created_at: created,
  ...more,
});
/** A change of a document's review status. */
const change = (
  exhibit_id: number,
  previous_value: string | null,
  new_value: string | null,
  created_at: string,
  more = {},
) => ({ exhibit_id, previous_value, new_value, user_id: userIds.paralegal, created_at, ...more });
/** Two pages of 25 lines. */
const lines = (deposition_volume_id: number, page: number, video_seconds: number | null) =>
  Array.from({ length: 50 }, (_, index) => ({
    deposition_volume_id,
    page: page + Math.floor(index / 25),
    line: 1 + (index % 25),
    content: index % 2 ? '    A.  Yes, "sealed".' : `    Q.  Question ${1 + index / 2}, Doctor?`,
    video_seconds,
  }));

const pumps: CaseData = {
  batches: [
    { id: 1, name: 'Depositions, first delivery', created_at: created },
    { id: 2, name: '@court reporters', created_at: created },
  ],
  exhibits: [
    { id: 1, title: 'Pump drawing', page_count: 3, created_at: created },
    {
      id: 2,
      title: 'Service log',
      page_count: 41,
      notes: `<p>Every entry of 2019: ${'oil, filter, seal; '.repeat(2000)}</p>`,
      created_at: created,
    },
    // A mail with two attachments, the first of them without Bates numbers.
    {
      id: 11,
      title: 'RE: seal failure',
      bates_start: 'ACME000010',
      bates_end: 'ACME000011',
      document_date: '2024-05-03',
      document_type: 'Email',
      author: 'Ada Counsel',
      page_count: 2,
      relevancy_status: 'Responsive',
      privilege_status: 'Privileged',
      confidentiality_code: 'AEO',
      withheld: true,
      notes: '<p>Ask <b>Ada</b> &amp; Bob<br>-before trial</p><p>if 3 < 4</p>',
      created_at: created,
    },
    { id: 12, parent_id: 11, title: '=notes.xlsx', document_date: '0000-00-00', created_at: created },
    {
      id: 13,
      parent_id: 11,
      title: 'Memo',
      bates_start: 'ACME000012',
      bates_end: 'ACME000015',
      document_date: '2019-01-01',
      privilege_status: 'Redacted',
      created_at: created,
    },
    {
      id: 14,
      title: 'Board minutes',
      bates_start: 'ACME000001',
      bates_end: 'ACME000009',
      document_date: '2025-01-31',
      relevancy_status: 'Not responsive',
      privilege_status: 'Not privileged',
      confidentiality_code: 'Confidential',
      created_at: created,
    },
    {
      id: 15,
      title: 'Draft',
      privilege_status: 'Privileged',
      trashed_at: '2026-06-01 00:00:00',
      created_at: created,
    },
    { id: 16, title: 'Undated letter', privilege_status: 'Privileged', created_at: created },
  ],
  exhibit_values: [
    { exhibit_id: 11, field: 'recipient', position: 2, value: 'Bob Boss' },
    { exhibit_id: 11, field: 'recipient', position: 1, value: 'Zoë Engineer' },
    { exhibit_id: 11, field: 'cc', value: 'Cy Copy' },
    { exhibit_id: 11, field: 'bcc', value: '@hidden' },
    { exhibit_id: 11, field: 'custodian', value: 'Boss, Bob' },
    { exhibit_id: 11, field: 'privilege_code', position: 1, value: 'Attorney-Client' },
    { exhibit_id: 11, field: 'privilege_code', position: 2, value: 'Work Product' },
    { exhibit_id: 11, field: 'issue', value: 'Notice' },
    { exhibit_id: 13, field: 'redaction_reason', value: 'Legal advice' },
    { exhibit_id: 2, field: 'custodian', position: 1, value: 'Smith; Jones LLP' },
    { exhibit_id: 2, field: 'custodian', position: 2, value: 'Records' },
  ],
  custom_fields: [
    { id: 1, title: 'Deal No.' },
    { id: 2, title: '=Region' },
    { id: 3, title: 'Comment', input_type: 'textarea' },
    { id: 4, title: 'Title' },
    // Not of any document.
    { id: 5, title: 'Deal No.' },
  ],
  tags: [
    { id: 1, name: 'Hot' },
    { id: 2, name: '@trial; second chair' },
    { id: 3, custom_field_id: 1, name: '000123' },
    { id: 4, custom_field_id: 2, name: 'North; East' },
    { id: 5, custom_field_id: 2, name: '+South' },
    { id: 6, custom_field_id: 3, name: '<b>bold</b>\u0000 "quoted"\r\nsecond line \\ud800 😀' },
    { id: 7, custom_field_id: 3, name: 'long text '.repeat(4000) },
    { id: 8, custom_field_id: 4, name: '' },
  ],
  taggings: [
    { tag_id: 2, exhibit_id: 11, user_id: userIds.paralegal },
    { tag_id: 1, exhibit_id: 11, user_id: userIds.paralegal },
    { tag_id: 3, exhibit_id: 11, user_id: userIds.paralegal },
    { tag_id: 5, exhibit_id: 11, user_id: userIds.paralegal },
    { tag_id: 4, exhibit_id: 11, user_id: userIds.paralegal },
    { tag_id: 6, exhibit_id: 12, user_id: userIds.paralegal },
    { tag_id: 7, exhibit_id: 13, user_id: userIds.paralegal },
    { tag_id: 8, exhibit_id: 14, user_id: userIds.paralegal },
  ],
  folders: [
    { id: 1, name: 'Hot' },
    { id: 2, name: '<b>Key & "sealed"</b>' },
    // Two of one name, and one of the name of a row that is no folder.
    { id: 3, name: 'Meetings' },
    { id: 4, name: 'Meetings' },
    { id: 5, name: 'Total' },
  ],
  folder_exhibits: [
    { folder_id: 1, exhibit_id: 13 },
    { folder_id: 1, exhibit_id: 14 },
    { folder_id: 2, exhibit_id: 15 },
    { folder_id: 2, exhibit_id: 16 },
    { folder_id: 3, exhibit_id: 14 },
    { folder_id: 4, exhibit_id: 1 },
  ],
  privilege_logs: [
    // The day on which the clocks went forward in Chicago lasted from 06:00 UTC to 05:00 UTC.
    change(14, null, 'Privileged', '2026-03-08 05:59:59', { change_source: 'bulk' }),
    change(14, 'Privileged', 'Not privileged', '2026-03-08 06:00:00', { notes: 'Third party\r\npresent' }),
    change(11, null, 'Privileged', '2026-03-09 04:59:59', {
      notes: 'Advice on seals',
      user_id: userIds.removed,
    }),
    change(13, null, 'Redacted', '2026-03-09 05:00:00', { change_source: 'overlay', user_id: null }),
    change(15, null, 'Privileged', '2026-04-01 12:00:00'),
    change(99, 'Privileged', null, '2026-04-02 12:00:00', { change_source: 'system', user_id: null }),
  ],
  relevancy_logs: [
    change(11, null, 'Not responsive', '2026-02-01 10:00:00'),
    change(11, 'Not responsive', 'Responsive', '2026-02-02 10:00:00', { notes: 'second look' }),
  ],
  confidentiality_logs: [change(11, null, 'AEO', '2026-02-03 10:00:00', { user_id: userIds.removed })],
  depositions: [
    deponent(1, 'Müller', 'Jürgen', { middle_initial: 'K', name_suffix: 'M.D.' }),
    deponent(2, "O'Neill", 'Siobhán', { deposition_type: 'Expert' }),
    deponent(3, 'Nuñez, Jr.', 'José "Pepe"', { name_suffix: 'Jr.' }),
    // Never deposed yet: no volume.
    deponent(4, 'Łukasiewicz', 'Zofia'),
    deponent(5, '=HYPERLINK("http://evil.example","Click")', '+1 555 0100', {
      middle_initial: '-5',
      name_suffix: '@x',
    }),
    // Found in a load file without a name.
    deponent(6, null, ''),
    deponent(7, '山田', '太郎 😀'),
  ],
  deposition_volumes: [
    volume(1, 1, {
      title: 'Deposition of Dr. Müller',
      volume: '1',
      volume_date: '2025-09-03',
      start_page: 1,
      end_page: 212,
      page_count: 212,
      original_filename: 'muller-v1.ptx',
    }),
    volume(2, 1, {
      title: 'Deposition of Dr. Müller, continued',
      volume: '2A',
      volume_date: '2025-09-04',
      start_page: 213,
      end_page: 388,
      page_count: 176,
      original_filename: 'muller-v2a.ptx',
      // Half an hour before and after the clocks went back in Chicago.
      created_at: '2025-11-02 06:30:00',
    }),
    volume(3, 2, {
      title: 'Expert deposition',
      description: 'First line\r\nsecond line, with "quotes"',
      volume: '1',
      volume_date: '2025-11-18',
      start_page: 1,
      end_page: 95,
      page_count: 95,
      original_filename: 'oneill.pdf',
      file_format: 'PDF',
      created_at: '2025-11-02 07:30:00',
    }),
    // The date was never found: the old importer wrote zeros.
    volume(4, 3, {
      volume: '1',
      volume_date: '0000-00-00',
      original_filename: 'nunez.txt',
      file_format: 'ASCII',
    }),
    volume(5, 5, {
      title: '-5',
      description: '\tindented\u0007 and a bell',
      volume: '',
      volume_date: '2025-12-01',
      start_page: -5,
      original_filename: 'strange\u0000name.txt',
      file_format: 'ASCII',
      batch_id: 2,
      created_at: '0000-00-00 00:00:00',
    }),
    volume(6, 6, { volume: null, volume_date: null, batch_id: null, original_filename: 'unknown.ptx' }),
    volume(7, 7, { volume: '1', volume_date: '2024-02-29', start_page: 1, end_page: 20, page_count: 20 }),
    volume(8, null, {
      transcript_type: 'proceeding',
      title: 'Hearing on motion in limine',
      description: 'Before the Hon. A. Ortiz',
      volume_date: '2025-10-10',
      start_page: 1,
      end_page: 60,
      page_count: 60,
      original_filename: 'hearing.ptx',
    }),
    volume(9, null, {
      transcript_type: 'proceeding',
      title: 'Trial day 1',
      volume: '1',
      volume_date: '2026-02-02',
      start_page: 1,
      end_page: 240,
      page_count: 240,
      original_filename: 'trial-1.ptx',
      batch_id: 2,
    }),
    volume(10, null, { transcript_type: 'proceeding', title: null, volume_date: null, batch_id: 2 }),
  ],
  deposition_video_offsets: [
    {
      deposition_volume_id: 1,
      video_filename: 'muller-1.mp4',
      position: 1,
      runtime_seconds: 3600,
      synced_at: created,
    },
    {
      deposition_volume_id: 1,
      video_filename: 'muller-2.mp4',
      position: 2,
      runtime_seconds: 1325,
      synced_at: created,
    },
    {
      deposition_volume_id: 2,
      video_filename: 'muller-3.mp4',
      position: 1,
      runtime_seconds: 59,
      synced_at: created,
    },
    {
      deposition_volume_id: 2,
      video_filename: 'muller-4.mp4',
      position: 2,
      runtime_seconds: null,
      synced_at: null,
    },
  ],
  deposition_volume_exhibits: [
    { deposition_volume_id: 1, exhibit_id: 1 },
    { deposition_volume_id: 1, exhibit_id: 2 },
    { deposition_volume_id: 3, exhibit_id: 2 },
  ],
  labels: [
    { id: 1, name: 'Plaintiff designations', label_type: 'designation' },
    { id: 2, name: 'Relevance', label_type: 'objection' },
    { id: 3, name: 'Notice', label_type: 'issue', parent_id: 4 },
    { id: 4, name: '=Liability', label_type: 'issue' },
  ],
  deposition_clips: [
    clip(1, 1, 45, {
      start_line: 12,
      end_line: 3,
      notes: '-only from "sealed" on\r\nsee exhibit 2',
      created_by: userIds.paralegal,
      created_at: '2025-11-02 06:30:00',
      updated_at: '2025-11-02 07:30:00',
    }),
    clip(1, 1, 60),
    clip(1, 2, 61, { objection_reason: 'Leading', created_by: userIds.removed }),
    clip(1, 3, 45),
    clip(3, 3, 10),
    // On one line, under no label, in a volume that begins at page 213.
    clip(2, null, 2, { end_page: 2, end_line: 4 }),
    clip(9, 1, 5),
  ],
  // Volume 1 has a synced video. The second line of the passage on page 60 was never aligned with it.
  deposition_lines: [
    ...lines(1, 45, 2.5),
    ...lines(1, 60, 2.5).map((row) =>
      row.page === 60 && row.line === 5 ? { ...row, video_seconds: null } : row,
    ),
    ...lines(2, 1, null),
    ...lines(3, 10, null),
    ...lines(9, 5, null),
  ],
  case_users: [
    { user_id: userIds.paralegal, name: 'Priya Raman', email: emails.paralegal },
    { user_id: userIds.removed, name: 'Gone Girard', email: emails.removed },
  ],
  transcript_fields: [
    { id: 1, title: 'Court Reporter', position: 2 },
    { id: 2, title: '=Cost', position: 1 },
    { id: 3, title: 'Court Reporter', position: 3 },
    { id: 4, title: 'Volume', position: 4 },
  ],
  transcript_field_values: [
    { deposition_volume_id: 1, transcript_field_id: 1, value: 'Ann Lee, CSR' },
    { deposition_volume_id: 1, transcript_field_id: 2, value: '-1200.50' },
    { deposition_volume_id: 1, transcript_field_id: 3, value: '' },
    { deposition_volume_id: 3, transcript_field_id: 3, value: 'line one\nline two' },
  ],
};

const activity = (user_id: number, action: string, created_at: string, more = {}) => ({
  user_id,
  action,
  created_at,
  ...more,
});
/** Something done to a document. */
const onDocument = (user_id: number, action: string, object_id: number, created_at: string, more = {}) =>
  activity(user_id, action, created_at, { object_type: 'document', object_id, ...more });

const northgate: CaseData = {
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

const harbor: CaseData = {
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

/** The rows of each case that has a schema. */
export const caseData: Record<number, CaseData> = {
  [caseIds.pumps]: pumps,
  [caseIds.empty]: {},
  [caseIds.archived]: {},
  [caseIds.otherAccount]: { depositions: [deponent(1, 'Stone', 'Rolf')] },
  [caseIds.large]: {},
  [caseIds.nonLatin]: {},
  [caseIds.newer]: {},
  [caseIds.northgate]: northgate,
  [caseIds.harbor]: harbor,
  [caseIds.quiet]: {},
  [caseIds.calderArchived]: {},
  [caseIds.drifted]: {
    activities: [activity(userIds.calderReviewer, 'search', '2026-11-05 16:01:00')],
  },
};

/** What makes the schema of a case differ from the others. */
export const drift: Record<number, string> = {
  [caseIds.drifted]: 'ALTER TABLE activities DROP COLUMN object_id',
};
