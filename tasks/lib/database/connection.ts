// One short-lived connection to the reader, as the platform's RDS Proxy wants it: schema chosen at connect,
// text protocol only (`query`, never `execute`), no `USE`, no temporary tables.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Connection, createConnection, type QueryValues } from 'mysql2/promise';
import { databaseError, SettingMissing } from '../errors.ts';
import { type Endpoint, endpointOf, secretSettings, setting } from '../settings.ts';

const loginRefused = 1045;
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
 * The rows of a small query, as objects with the server's own text for dates. Throws as `databaseError` says.
 * @param timeLimit milliseconds after which it is given up, with QueryTooLong
 */
export async function select<Row>(
  connection: Connection,
  sql: string,
  values: QueryValues,
  timeLimit?: number,
): Promise<Row[]> {
  try {
    const [rows] = await connection.query({ sql, values, timeout: timeLimit });
    return rows as Row[];
  } catch (error) {
    throw databaseError(error);
  }
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
    namedPlaceholders: true,
    dateStrings: true,
  });
  // Without a listener, a connection that breaks between two queries would end the process.
  connection.on('error', () => {});
  return connection;
}

async function fetchLogin(endpoint: Endpoint): Promise<Login> {
  const { SecretString } = await secrets.send(
    new GetSecretValueCommand({ SecretId: setting(secretSettings[endpoint]) }),
  );
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
