// An account with rules of its own for recipients and approvals, and one that nobody uses.
import { caseIds, emails, userIds } from './ids.ts';
import { type Account, access, created, deponent } from './rows.ts';

export const otherAccounts: Account = {
  core: {
    accounts: [
      {
        id: 2,
        name: 'Brandt Legal',
        allow_outside_recipients: true,
        require_report_approval: true,
        created_at: created,
      },
      { id: 3, name: 'Unused Account', created_at: created },
    ],
    users: [
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
        id: userIds.dataControlAdmin,
        account_id: 2,
        email: emails.dataControlAdmin,
        first_name: 'Anke',
        last_name: 'Vogt',
        data_control_admin: true,
        created_at: created,
      },
    ],
    npcases: [
      {
        id: caseIds.otherAccount,
        account_id: 2,
        name: 'Brandt v. Stone',
        case_type: 'trial_prep',
        created_at: created,
      },
    ],
    npcase_users: [access(caseIds.otherAccount, userIds.otherAccount, 'advanced')],
  },
  cases: { [caseIds.otherAccount]: { depositions: [deponent(1, 'Stone', 'Rolf')] } },
};
