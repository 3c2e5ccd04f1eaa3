// The environment of a task. An unset variable is an error, never a default.
import { SettingMissing } from './errors.ts';

/** The value of an environment variable. Throws SettingMissing, naming it, when it is not set or empty. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new SettingMissing(`The environment variable ${name} is not set.`);
  return value;
}

/** The schema with accounts, users and cases: RDS_CORE_DBNAME, or else RDS_DBNAME. */
export function coreSchema(): string {
  return process.env.RDS_CORE_DBNAME || setting('RDS_DBNAME');
}

/** The schema of a case. The id becomes part of a name, so it is checked here, whatever was checked before. */
export function caseSchema(caseId: number): string {
  if (!Number.isSafeInteger(caseId) || caseId < 1) throw new TypeError('A case id is a positive integer.');
  return `${setting('RDS_DBNAME')}_case_${caseId}`;
}

/** The reader of every report, or the writer of the coding overlay. */
export type Endpoint = 'reader' | 'writer';

/** RDS_READER_ENDPOINT or RDS_WRITER_ENDPOINT, as `host` or `host:port`. */
export function endpointOf(endpoint: Endpoint): { host: string; port: number } {
  const [host = '', port = '3306'] = setting(`RDS_${endpoint.toUpperCase()}_ENDPOINT`).split(':');
  return { host, port: Number(port) };
}

/** The variables that name the secrets with the logins. */
export const secretSettings = { reader: 'RDS_SECRET_ARN', writer: 'RDS_WRITER_SECRET_ARN' } as const;
