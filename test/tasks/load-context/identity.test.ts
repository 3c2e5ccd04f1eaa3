// Addresses are the same when only their capitals differ, whatever the column of the users' addresses makes of them.
import { describe, expect } from 'vitest';
import { calderAccountId, caseIds, connectAsAdmin, emails, userIds } from '../../../local/database/seed.ts';
import { accountUsers } from '../../../tasks/lib/account-users.ts';
import { connect } from '../../../tasks/lib/database/connection.ts';
import { handler } from '../../../tasks/load-context/handler.ts';
import { it } from '../../support/fixtures.ts';

/** Addresses that a column cannot hold, or a collation takes for the paralegal's. */
const strange = ['😀@harlowpike.example', emails.paralegal.replace('priya', 'príya'), 'зоя@пример.example'];

/** With the Kelvin sign, which becomes a k in lower case. */
const kelvin = (email: string) => email.replace('k', '\u212a');

const user = (name: keyof typeof userIds) => ({ userId: userIds[name], email: emails[name] });

async function load(caseId: number | null, eventDetail: object) {
  const request = {
    jobId: 'rpt-1',
    caseId,
    eventDetail: { reportType: 'page_count', requestedBy: user('paralegal'), ...eventDetail },
  };
  return await handler({ request, startedAt: '2026-11-23T17:04:05.123Z' } as never);
}

describe.for(['utf8mb4 COLLATE utf8mb4_bin', 'utf8mb4 COLLATE utf8mb4_unicode_ci', 'utf8mb3', 'latin1'])(
  'With addresses in %s',
  (charset) => {
    it.beforeAll(async ({ database }) => {
      const admin = await connectAsAdmin(database, 'nextpoint');
      await admin.query(`ALTER TABLE users CONVERT TO CHARACTER SET ${charset}`);
      await admin.end();
    });

    it('a recipient is found by an address in capitals, and by no other', async () => {
      const recipients = [emails.reviewer.toUpperCase()];
      const { context } = await load(caseIds.pumps, {
        delivery: { recipients },
        parameters: { scope: { folderIds: [1] } },
      });
      expect(context!.delivery.recipients).toEqual([
        { email: emails.reviewer, name: 'Wei Zhang', outside: false },
      ]);
      for (const email of [...strange, kelvin(emails.reviewer)]) {
        const { refusal } = await load(caseIds.pumps, { delivery: { recipients: [email] } });
        expect(refusal).toMatchObject({ error: 'RecipientDenied' });
      }
    });

    it('a requester is known by the address in capitals, and by no other', async () => {
      const { context } = await load(caseIds.pumps, {
        requestedBy: { userId: userIds.paralegal, email: emails.paralegal.toUpperCase() },
      });
      expect(context!.requester.email).toBe(emails.paralegal);
      for (const email of [...strange, kelvin(emails.paralegal)]) {
        const { refusal } = await load(caseIds.pumps, { requestedBy: { userId: userIds.paralegal, email } });
        expect(refusal).toMatchObject({ error: 'UserNotFound' });
      }
    });

    it('an approver is known by the address in capitals, and by no other', async () => {
      const detail = {
        reportType: 'custom',
        requestedBy: user('otherAccount'),
        parameters: { type: 'all_npcases' },
      };
      const approvedBy = (email: string) => ({
        ...detail,
        approvedBy: { userId: userIds.dataControlAdmin, email },
      });
      const { context } = await load(null, approvedBy(emails.dataControlAdmin.toUpperCase()));
      expect(context).not.toBeNull();
      for (const email of [...strange, kelvin(emails.dataControlAdmin)])
        expect((await load(null, approvedBy(email))).refusal).toMatchObject({ error: 'ApprovalMissing' });
    });

    it('users of an account are known by their addresses in capitals, and by no other', async ({
      secrets: _,
    }) => {
      const detail = { reportType: 'user_activity', requestedBy: user('calderAdministrator') };
      const asked = (userEmails: string[]) =>
        load(null, { ...detail, parameters: { from: '2026-11-01', to: '2026-11-30', userEmails } });
      expect((await asked([emails.calderReviewer.toUpperCase()])).context).not.toBeNull();
      for (const email of strange)
        expect((await asked([email])).refusal).toMatchObject({ error: 'InvalidRequest' });
      await using core = await connect('nextpoint');
      expect((await accountUsers(core, calderAccountId)).get(emails.calderReviewer)).toBe(
        userIds.calderReviewer,
      );
    });
  },
);
