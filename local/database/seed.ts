// A believable data set for tests and the demo; the same at every run.
import { readFileSync } from 'node:fs';
import { type Connection, createConnection } from 'mysql2/promise';
import { calderFinch } from './data/calder-finch.ts';
import { harlowPike } from './data/harlow-pike.ts';
import { calderAccountId, emails, userIds } from './data/ids.ts';
import { otherAccounts } from './data/other-accounts.ts';
import type { Tables } from './data/rows.ts';
import { coreSchema, type Database } from './server.ts';

export { calderAccountId, caseIds, emails, userIds } from './data/ids.ts';

/** Creates the core schema and the case schemas and fills them. */
export async function seedDatabase(database: Database): Promise<void> {
  const connection = await connectAsAdmin(database);
  await createSchema(connection, coreSchema, 'core.sql');
  for (const { core, cases, drift = {} } of [harlowPike, otherAccounts, calderFinch]) {
    await connection.query(`USE ${coreSchema}`);
    await insert(connection, core);
    for (const [id, rows] of Object.entries(cases)) {
      const caseId = Number(id);
      await createCase(connection, caseId, rows);
      if (drift[caseId]) await connection.query(drift[caseId]);
    }
  }
  await connection.end();
}

/**
 * Adds depositions of one volume each to a case, a hundred thousand in about a second.
 * @param volumes how many, up to 8 million
 */
export async function fillCase(database: Database, caseId: number, volumes: number): Promise<void> {
  const connection = await connectAsAdmin(database, caseSchema(caseId));
  const numbers = numbersTo(volumes);
  await connection.query(`
    SET @first = (SELECT COALESCE(MAX(id), 0) FROM depositions), @first_volume = (SELECT COALESCE(MAX(id), 0) FROM deposition_volumes);
    INSERT INTO depositions (id, npcase_id, last_name, first_name, middle_initial, created_at)
    SELECT @first + seq, ${caseId},
      CONCAT(ELT(1 + seq % 5, 'Smith', 'O''Neill', 'Nuñez, Jr.', 'Łukasiewicz', 'van der "Bee" Berg'), ' ', seq),
      ELT(1 + seq % 3, 'Anna', 'José', 'Wei'), IF(seq % 4 = 0, NULL, CHAR(65 + seq % 26)), '2026-01-05 09:00:00'
    FROM ${numbers};
    INSERT INTO deposition_volumes (id, npcase_id, deposition_id, transcript_type, title, description, volume, volume_date,
      start_page, end_page, page_count, original_filename, file_format, created_at)
    SELECT @first_volume + seq, ${caseId}, @first + seq, 'deposition', CONCAT('Deposition ', seq),
      IF(seq % 5 = 0, NULL, CONCAT('Testimony on the events of day ', seq, ': delivery, installation and servicing of ',
        'the pumps; the duties of the witness and of those who reported to the witness; the meetings of May 3 and 4, ',
        'and what was said there of "seal failure"; exhibits shown to the witness; objections are reserved, except ',
        'as to form, until the time of trial.')),
      1 + seq % 3, IF(seq % 7 = 0, NULL, '2020-01-01' + INTERVAL seq % 2000 DAY), 1, 100 + seq % 300, 100 + seq % 300,
      CONCAT('volume-', seq, '.ptx'), 'PTX', '2026-01-05 09:00:00' + INTERVAL seq SECOND
    FROM ${numbers};
    -- Otherwise the server may still think the tables empty, and join them row by row.
    ANALYZE TABLE depositions, deposition_volumes;`);
  await connection.end();
}

/** The id of the first case that `addCases` adds. */
export const firstGeneratedCase = 10_001;

/**
 * Adds small cases to the account whose reports go across cases, a thousand in some seconds: their schemas are views of
 * tables that they share. Users work in three of four cases, and each case differs. To be called once.
 * @param count up to 80,000
 */
export async function addCases(database: Database, count: number): Promise<void> {
  const connection = await connectAsAdmin(database);
  const numbers = numbersTo(count, 'cases');
  const caseId = `${firstGeneratedCase - 1} + cases.seq`;
  const shared = `${coreSchema}_generated`;
  const { calderAttorney, calderReviewer } = userIds;
  const [attorney, reviewer] = [calderAttorney, calderReviewer];
  await createSchema(connection, shared, 'case.sql');
  await connection.query(`
    ALTER TABLE activities ADD KEY (npcase_id, created_at);
    ALTER TABLE review_timers ADD KEY (npcase_id, started_at);
    ALTER TABLE case_users DROP KEY user_id, ADD KEY (npcase_id, user_id);
    INSERT INTO case_users (npcase_id, user_id, name, email)
    SELECT ${caseId}, ${reviewer}, 'Maya Ortiz', '${emails.calderReviewer}' FROM ${numbers};
    INSERT INTO activities (npcase_id, user_id, action, object_type, object_id, created_at)
    SELECT ${caseId}, IF(events.seq % 3, ${attorney}, ${reviewer}),
      ELT(1 + (cases.seq + events.seq) % 4, 'document_view', 'document_review', 'search', 'export'), 'document',
      1 + events.seq % 5, '2026-11-10 08:00:00' + INTERVAL cases.seq % 10 DAY + INTERVAL events.seq MINUTE
    FROM ${numbers} JOIN ${numbersTo(20, 'events')} WHERE cases.seq % 4 AND events.seq <= cases.seq % 21;
    INSERT INTO review_timers (npcase_id, user_id, started_at, stopped_at)
    SELECT ${caseId}, ${reviewer}, '2026-11-10 08:00:00', '2026-11-10 08:00:00' + INTERVAL seq SECOND
    FROM ${numbers} WHERE seq % 4;
    USE ${coreSchema};
    INSERT INTO npcases (id, account_id, name, case_type, project_name, created_at)
    SELECT ${caseId}, ${calderAccountId}, CONCAT('Generated ', LPAD(seq, 5, '0')),
      IF(seq % 2, 'review', 'trial_prep'), CONCAT('Project ', seq % 7), '2026-01-05 09:00:00' FROM ${numbers};
    INSERT INTO npcase_users (npcase_id, user_id, access_level, created_at)
    SELECT ${caseId}, ${attorney}, 'advanced', '2026-01-05 09:00:00' FROM ${numbers};
    INSERT INTO user_activities (user_id, npcase_id, action, created_at)
    SELECT ${attorney}, ${caseId}, 'case_access', '2026-11-09 08:00:00' FROM ${numbers} WHERE seq % 4;`);
  for (let id = firstGeneratedCase; id < firstGeneratedCase + count; id++) {
    const schema = caseSchema(id);
    const view = (table: string) =>
      `CREATE VIEW ${schema}.${table} AS SELECT * FROM ${shared}.${table} WHERE npcase_id = ${id};`;
    await connection.query(
      `CREATE DATABASE ${schema}; ${['activities', 'review_timers', 'case_users'].map(view).join('')}`,
    );
  }
  await connection.end();
}

/**
 * Adds documents to a case that has none, with ids from 1 on, a custodian and a custom field (1) each; a hundred thousand
 * in about two seconds.
 * @param documents how many, up to 8 million
 */
export async function fillDocuments(database: Database, caseId: number, documents: number): Promise<void> {
  const connection = await connectAsAdmin(database, caseSchema(caseId));
  const numbers = numbersTo(documents);
  await connection.query(`
    INSERT INTO exhibits (id, npcase_id, title, bates_start, document_date, author, page_count, relevancy_status, created_at)
    SELECT seq, ${caseId}, CONCAT('RE: delivery of pump ', seq, ', "as agreed"'), CONCAT('ACME', LPAD(seq, 8, '0')),
      '2020-01-01' + INTERVAL seq % 2000 DAY, CONCAT('Müller ', seq % 100), 1 + seq % 30, 'Responsive', '2026-01-05'
    FROM ${numbers};
    INSERT INTO exhibit_values (npcase_id, exhibit_id, field, value)
    SELECT ${caseId}, seq, 'custodian', CONCAT('Custodian ', seq % 50) FROM ${numbers};
    INSERT INTO custom_fields (id, npcase_id, title) VALUES (1, ${caseId}, 'Deal No.');
    INSERT INTO tags (id, npcase_id, custom_field_id, name) SELECT seq, ${caseId}, 1, LPAD(seq, 6, '0') FROM ${numbersTo(1_000)};
    INSERT INTO taggings (npcase_id, tag_id, exhibit_id) SELECT ${caseId}, 1 + seq % 1000, seq FROM ${numbers};
    ANALYZE TABLE exhibits, exhibit_values, tags, taggings;`);
  await connection.end();
}

/** A table of the numbers from 1 to `count`, up to 8 million, in the column `seq`. */
export function numbersTo(count: number, alias = 'numbers'): string {
  return `JSON_TABLE(CONCAT('[0', REPEAT(',0', ${count - 1}), ']'), '$[*]' COLUMNS (seq FOR ORDINALITY)) AS ${alias}`;
}

/** A connection that may do anything, for seeding and for tests that disturb the server. */
export function connectAsAdmin({ host, port, admin }: Database, schema?: string): Promise<Connection> {
  return createConnection({ host, port, ...admin, database: schema, multipleStatements: true });
}

/** The name of a case's schema. */
export function caseSchema(caseId: number): string {
  return `${coreSchema}_case_${caseId}`;
}

async function createCase(connection: Connection, caseId: number, data: Tables): Promise<void> {
  await createSchema(connection, caseSchema(caseId), 'case.sql');
  const withCaseId = Object.entries(data).map(
    ([table, rows]) => [table, rows.map((row) => ({ npcase_id: caseId, ...row }))] as const,
  );
  await insert(connection, Object.fromEntries(withCaseId));
}

async function createSchema(connection: Connection, schema: string, file: string): Promise<void> {
  const tables = readFileSync(new URL(`schema/${file}`, import.meta.url), 'utf8');
  await connection.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4; USE ${schema}; ${tables}`);
}

/** Rows of one table may name different columns: what a row leaves out is NULL or the column's default. */
async function insert(connection: Connection, tables: Tables): Promise<void> {
  // Old schemas hold dates such as 0000-00-00, which today's default mode refuses.
  await connection.query("SET sql_mode = ''");
  for (const [table, rows] of Object.entries(tables)) {
    for (const row of rows) await connection.query('INSERT INTO ?? SET ?', [table, row]);
  }
}
