import { readFileSync } from 'node:fs';
import type { RowDataPacket } from 'mysql2';
import type { Access } from '../../tasks/load-context/authorise.ts';
import { connectAsAdmin } from '../database/seed.ts';
import { coreSchema, type Database } from '../database/server.ts';

/** The facts of a finished report that decide on access to it. */
export type Asked = {
  /** Null for a report on the whole account. */
  caseId: number | null;
  requesterId: number;
  /** Mail addresses. */
  recipients: string[];
};

/** Tells whether a user may download the files of a report. */
export type MaySee = (userId: number, report: Asked) => Promise<boolean>;

const accessSql = readFileSync(new URL('../../tasks/load-context/access.sql', import.meta.url), 'utf8');

/**
 * Decides by the core database. Access to the case is not enough, since not everybody with access may see coding or all
 * folders: the user must be the requester or a recipient, who were checked when the report was made, or an administrator
 * of the account.
 */
export function maySeeBy(database: Database): MaySee {
  return async (userId, { caseId, requesterId, recipients }) => {
    if (!Number.isSafeInteger(userId)) return false;
    const core = await connectAsAdmin(database, coreSchema);
    const accessOf = async (userId: number) => {
      const values = { userId, caseId };
      const [rows] = await core.query<RowDataPacket[]>({ sql: accessSql, namedPlaceholders: true, values });
      return rows[0] as Access;
    };
    try {
      const access = await accessOf(userId);
      if (access.userEmail === null || access.userRemoved) return false;
      const { accountId } = await accessOf(requesterId);
      if (access.accountId !== accountId) return false;
      if (access.accountAdmin || caseId === null) return Boolean(access.accountAdmin);
      const isNamed = userId === requesterId || recipients.includes(access.userEmail);
      return isNamed && access.caseAccountId === accountId && Boolean(access.mayOpen);
    } finally {
      await core.end();
    }
  };
}
