// One short-lived connection to the reader, as the platform's RDS Proxy wants it: schema chosen at connect,
// text protocol only (`query`, never `execute`), no `USE`, no temporary tables. Its session means the same on every server.

import type { Socket } from 'node:net';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Connection as Driver } from 'mysql2';
import { type Connection, createConnection, type QueryValues } from 'mysql2/promise';
import { DatabaseUnavailable, databaseError, SettingMissing } from '../errors.ts';
import { type Endpoint, endpointOf, secretSettings, setting } from '../settings.ts';
import { format } from './format.ts';
import { openSession } from './session.ts';
import { heed, warningsOf } from './warnings.ts';

const loginRefused = 1045;
/** Milliseconds. Without a route to Secrets Manager, the function itself would run out of time. */
const secretTimeout = 10_000;
const secrets = new SecretsManagerClient();

type Login = { username: string; password: string };
const logins = new Map<Endpoint, Login>();

/**
 * Connects to one schema, by the reader unless told otherwise. Statements take named parameters (`:name`). Close it with `await using`.
 * Throws DatabaseUnavailable, DatabaseOverloaded, or CaseUnavailable when the schema does not exist.
 */
export async function connect(schema: string, endpoint: Endpoint = 'reader'): Promise<Connection> {
  try {
    return await open(schema, endpoint, logins.get(endpoint) ?? (await fetchLogin(endpoint)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno !== loginRefused) throw databaseError(error);
  }
  // The password may have been rotated since this process fetched it.
  const login = await fetchLogin(endpoint);
  return open(schema, endpoint, login).catch((error) => {
    throw databaseError(error);
  });
}

/**
 * The rows of a small query, as objects with the server's own text for dates. Throws as `databaseError` and `heed` say.
 * @param timeLimit milliseconds after which it is given up, with QueryTooLong
 * @param warnings of the report, for those of the server
 */
export async function select<Row>(
  connection: Connection,
  sql: string,
  values: QueryValues,
  timeLimit?: number,
  warnings?: string[],
): Promise<Row[]> {
  let count = () => 0;
  const rows = await new Promise<Row[]>((resolve, reject) => {
    const options = { sql, values, timeout: timeLimit };
    const query = driverOf(connection).query(options, (error, rows) =>
      error ? reject(databaseError(error)) : resolve(rows as Row[]),
    );
    count = warningsOf(query);
  });
  if (count() > 0) await heed(connection, count(), warnings);
  return rows;
}

/** The driver below the promises: only it streams. The types leave both out. */
export function driverOf(connection: Connection): Driver & { stream: Socket } {
  return (connection as unknown as { connection: Driver & { stream: Socket } }).connection;
}

async function open(schema: string, endpoint: Endpoint, { username, password }: Login): Promise<Connection> {
  const address = endpointOf(endpoint);
  const connection = await createConnection({
    ...address,
    user: username,
    password,
    database: schema,
    // Node trusts the authority of RDS Proxy's certificates. On loopback there is nothing to protect.
    ssl: /^(127\.|localhost$)/.test(address.host) ? undefined : { verifyIdentity: true },
    connectTimeout: 10_000,
    // Finds a peer that is gone in about 20 seconds, also in the middle of a silent query.
    keepAliveInitialDelay: 10_000,
    queryFormat: format,
    dateStrings: true,
  });
  // Without a listener, a connection that breaks between two queries would end the process.
  connection.on('error', () => {});
  try {
    await openSession(connection, endpoint);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function fetchLogin(endpoint: Endpoint): Promise<Login> {
  const command = new GetSecretValueCommand({ SecretId: setting(secretSettings[endpoint]) });
  const { SecretString } = await secrets
    .send(command, { abortSignal: AbortSignal.timeout(secretTimeout) })
    .catch((error: Error) => {
      throw new DatabaseUnavailable(`The login of the database could not be read (${error.name}).`);
    });
  try {
    const { username, password } = JSON.parse(SecretString!);
    const login = { username, password };
    logins.set(endpoint, login);
    return login;
  } catch {
    // The parser's own message would quote the secret.
    throw new SettingMissing(
      `The secret of ${secretSettings[endpoint]} is not JSON with a username and a password.`,
    );
  }
}
