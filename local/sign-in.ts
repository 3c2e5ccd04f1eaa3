import { readFileSync } from 'node:fs';
import type { RowDataPacket } from 'mysql2';
import type { Access } from '../tasks/load-context/context.ts';
import { connectAsAdmin } from './database/seed.ts';
import { coreSchema, type Database } from './database/server.ts';

/** Whether a user may see the reports on a case, or, without one, those on the requester's whole account. */
export type MaySee = (userId: number, caseId: number | null, requesterId: number) => Promise<boolean>;

const accessSql = readFileSync(new URL('../tasks/load-context/access.sql', import.meta.url), 'utf8');

/** Asks the core database, by the rule for requesters: of the account, and administrator there or given access. */
export function maySeeBy(database: Database): MaySee {
  return async (userId, caseId, requesterId) => {
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
      if (caseId !== null) return access.caseAccountId === access.accountId && Boolean(access.mayOpen);
      const { accountId } = await accessOf(requesterId);
      return access.accountId === accountId && Boolean(access.accountAdmin);
    } finally {
      await core.end();
    }
  };
}
