// The settings of a session that change what a statement means.
import type { Connection } from 'mysql2/promise';
import type { Endpoint } from '../settings.ts';

const statements = [
  // Zeros in dates are not refused, because old cases have them. MySQL spoils texts beyond ASCII where it pushes a comparison by
  // bytes into a UNION; MariaDB, which has no such switch, skips the comment.
  `SET NAMES utf8mb4 COLLATE utf8mb4_bin,
    sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    time_zone = '+00:00', autocommit = ON, sql_auto_is_null = OFF, sql_big_selects = ON, div_precision_increment = 4,
    sql_select_limit = 18446744073709551615, group_concat_max_len = 16777216, max_sort_length = 1024
    /*!80022 , optimizer_switch = 'derived_condition_pushdown=off' */`,
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
];
/** Behind a proxy, what follows a statement reaches the same server only within a transaction. */
const readOnly = 'START TRANSACTION READ ONLY';

/**
 * Sets all that a server, a proxy or an `init_connect` may have set in another way than our statements were tested with: above
 * all that backslashes escape, that texts are UTF-8, and that times are UTC. A session on the reader reads in one transaction; on the
 * writer, transactions are those of the task. Throws the driver's error.
 */
export async function openSession(connection: Connection, endpoint: Endpoint): Promise<void> {
  for (const statement of statements) await connection.query(statement);
  if (endpoint === 'reader') await connection.query(readOnly);
}
