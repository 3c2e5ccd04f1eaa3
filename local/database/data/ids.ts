// Users and cases by what they are to the tests. People, firms and matters are invented.

/** Users by what they are to the tests. */
export const userIds = {
  dashboardAdministrator: 1,
  paralegal: 2,
  attorney: 3,
  reviewer: 4,
  withoutAccess: 5,
  removed: 6,
  otherAccount: 7,
  refused: 8,
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
  refused: 'kim.sato@illegal_domain.example',
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
