// The session of a connection that writes.
import type { Connection } from 'mysql2/promise';
import sql from './sql/session.sql';
import { run } from './statements.ts';

/**
 * READ COMMITTED, because two chunks that delete and insert neighbours deadlock otherwise; values that do not fit are
 * errors; times are UTC. RDS Proxy keeps track of all of these without pinning the connection.
 */
export async function openSession(connection: Connection): Promise<void> {
  for (const statement of sql.split(';').filter((part) => part.trim() !== ''))
    await run(connection, statement);
}
