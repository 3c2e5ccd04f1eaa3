import { describe, expect } from 'vitest';
import { caseIds, connectAsAdmin, emails, userIds } from '../../../local/database/seed.ts';
import { daysInWords } from '../../../tasks/lib/words.ts';
import { handler } from '../../../tasks/load-context/handler.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';

type Request = Record<string, unknown>;

function load(eventDetail: Request = {}, request: Request = {}, startedAt = '2026-11-23T17:04:05.123Z') {
  const paralegal = { userId: userIds.paralegal, email: emails.paralegal };
  const detail = { reportType: 'transcript_metadata', requestedBy: paralegal, ...eventDetail };
  const whole = { jobId: 'rpt-1', caseId: caseIds.pumps, eventDetail: detail, ...request };
  return handler({ request: whole, startedAt } as never);
}

async function refusal(eventDetail?: Request, request?: Request) {
  const result = await load(eventDetail, request);
  expect(result.context).toBeNull();
  return result.refusal;
}

async function context(eventDetail?: Request, request?: Request, startedAt?: string) {
  const result = await load(eventDetail, request, startedAt);
  expect(result.refusal).toBeNull();
  return result.context!;
}

const daily = { expression: 'rate(1 day)', timeZone: 'UTC' };
const invalid = (cause: string) => ({ error: 'InvalidRequest', cause });
const user = (name: keyof typeof userIds) => ({ userId: userIds[name], email: emails[name] });

describe('A good request', () => {
  test('has names on one line, without signs that turn or hide what follows', async () => {
    const admin = await connectAsAdmin(database, 'nextpoint');
    const [before] = await admin.query('SELECT name FROM npcases WHERE id = ?', [caseIds.pumps]);
    const rename = (table: string, column: string, name: string, id: number) =>
      admin.query(`UPDATE ${table} SET ${column} = ? WHERE id = ?`, [name, id]);
    await rename('npcases', 'name', ' Acme\r\n\u202e v.\u2028Pumps\u0000\u0085\n', caseIds.pumps);
    await rename('users', 'first_name', 'Priya\n', userIds.paralegal);
    const {
      case: renamed,
      subject,
      requester,
      delivery,
      file,
    } = await context({
      reportType: 'deposition_summary',
      delivery: { mode: 'attachment' },
    });
    await rename('npcases', 'name', (before as { name: string }[])[0]!.name, caseIds.pumps);
    await rename('users', 'first_name', 'Priya', userIds.paralegal);
    await admin.end();
    expect([renamed!.name, subject.name]).toEqual(['Acme v. Pumps', 'Acme v. Pumps']);
    expect([requester.name, delivery.recipients[0]!.name]).toEqual(['Priya Raman', 'Priya Raman']);
    expect(file.name).toMatch(/^deposition-summary_acme-v-pumps_\d{8}-\d{6}\.csv$/);
  });

  test('gives the context, with defaults', async () => {
    expect(await context()).toEqual({
      report: {
        reportType: 'transcript_metadata',
        title: 'Transcript Metadata',
        parameters: { scope: 'both', includeCustomFields: true, onlyMissing: false, sort: 'name' },
        format: 'csv',
        timeZone: 'UTC',
      },
      account: { accountId: 1, name: 'Harlow, Pike & Associés LLP' },
      case: { caseId: caseIds.pumps, name: 'Müller v. Acme Pumps, Inc. (Trial)' },
      subject: { label: 'Database', name: 'Müller v. Acme Pumps, Inc. (Trial)' },
      scopeDescription: 'Depositions and court proceedings; with custom fields; sorted by name',
      requester: { userId: userIds.paralegal, name: 'Priya Raman', email: emails.paralegal },
      delivery: {
        mode: 'attachment',
        recipients: [{ email: emails.paralegal, name: 'Priya Raman', outside: false }],
        expiresInDays: 7,
        sendWhenEmpty: true,
      },
      file: {
        key: 'development/cases/1001/exports/transcript_metadata-rpt-1/transcript-metadata_muller-v-acme-pumps-inc-trial_20261123-170405.csv',
        name: 'transcript-metadata_muller-v-acme-pumps-inc-trial_20261123-170405.csv',
        contentType: 'text/csv; charset=utf-8',
      },
      requestedAt: '2026-11-23 17:04:05 (UTC)',
    });
  });

  test.each(['privilege', 'relevancy', 'confidentiality'])(
    'calls a %s log by its name, and so its file',
    async (logType) => {
      const result = await context({ reportType: 'review_log', parameters: { logType } });
      expect(result.report.title.toLowerCase()).toBe(`${logType} log`);
      expect(result.file.name).toMatch(new RegExp(`^${logType}-log_muller`));
    },
  );

  test('keeps what was asked for', async () => {
    const parameters = {
      scope: 'deponents',
      deponentIds: [1, 2],
      dateFrom: '2026-01-01',
      dateTo: '2026-01-31',
      includeCustomFields: false,
      onlyMissing: true,
      sort: 'date',
    };
    const delivery = { mode: 'link', recipients: [emails.attorney], expiresInDays: 30 };
    const result = await context({ parameters, delivery, timeZone: 'America/Chicago' });
    expect(result.report.parameters).toEqual(parameters);
    expect(result.delivery).toMatchObject({ mode: 'link', expiresInDays: 30 });
    expect(result.scopeDescription).toBe(
      'Depositions; selected deponents only; transcripts dated January 1 to 31, 2026; ' +
        'only those that lack a date, a volume or a name; without custom fields; sorted by date',
    );
  });

  test.each([
    [
      { dateFrom: '2026-01-01' },
      'Depositions and court proceedings; transcripts dated on or after January 1, 2026; with custom fields; sorted by name',
    ],
    [
      { dateTo: '2026-01-31' },
      'Depositions and court proceedings; transcripts dated on or before January 31, 2026; with custom fields; sorted by name',
    ],
    [{ deponentIds: [7] }, 'selected deponents only'],
    [{ scope: 'proceedings' }, 'Court proceedings;'],
  ])('says in words what %o means', async (parameters, words) => {
    expect((await context({ parameters })).scopeDescription).toContain(words);
  });

  test.each([
    ['deposition_summary', {}, 'Every clip; depositions'],
    [
      'deposition_summary',
      {
        layout: 'counts',
        deponentIds: [7],
        labels: ['Notice', 'Fraud'],
        clipTypes: ['issue'],
        includeProceedings: true,
      },
      'Clips counted by deponent and label; depositions and court proceedings; selected deponents only; ' +
        'selected labels only; only of type issue',
    ],
    ['deposition_summary', { maxTextChars: 500 }, 'testimony cut at 500 characters'],
    ['deposition_summary', { includeText: false }, 'without testimony'],
    ['page_count', {}, 'Documents and pages by relevancy; all documents; trash excluded'],
    [
      'page_count',
      { groupBy: 'folder', scope: { folderIds: [1, 2] }, includeFamilies: true },
      'Documents and pages by folder; documents of selected folders; with families; trash excluded',
    ],
    [
      'review_log',
      { logType: 'privilege' },
      'One row for each document; all documents; only those withheld, redacted or privileged; sorted by Bates number',
    ],
    [
      'review_log',
      {
        logType: 'relevancy',
        layout: 'history',
        scope: { folderIds: [1] },
        statuses: ['Hot'],
        from: '2026-01-01',
        to: '2026-01-31',
        columns: [{ field: 'Notes', header: 'Why' }],
        sort: 'nextpoint_id',
      },
      'One row for each change; documents of selected folders; selected statuses only; changed January 1 to 31, 2026; ' +
        '1 chosen column; sorted by Nextpoint ID',
    ],
    [
      'grid_data_export',
      { columns: [{ field: 'title' }, { field: 'custom_field:1' }], selection: { all: true } },
      'All documents; 2 chosen columns',
    ],
    [
      'grid_data_export',
      {
        columns: [{ field: 'title' }],
        selection: { documentIds: [5, 4, 5, ...Array.from({ length: 1202 }, (_, id) => 10 + id)] },
        longText: 'truncate',
        sort: 'nextpoint_id',
      },
      '1,204 chosen documents; 1 chosen column; long texts cut; sorted by Nextpoint ID',
    ],
    [
      'grid_data_export',
      { columns: [{ field: 'title' }], selection: { all: true }, headerStyle: 'system' },
      'All documents; 1 chosen column; with system names, to come back as an overlay',
    ],
  ])('says in words what %s covers with %o', async (reportType, parameters, words) => {
    expect((await context({ reportType, parameters })).scopeDescription).toContain(words);
  });

  test.each([
    ['the time it is scheduled for', { scheduledFor: '2026-03-02T05:30:00Z' }, '2026-02-16', '2026-02-22'],
    ['its start', {}, '2026-11-16', '2026-11-22'],
  ])('has the days of a relative period, in its zone, seen from %s', async (_, more, from, to) => {
    const parameters = { logType: 'privilege', layout: 'history', period: 'previous_week' };
    const detail = { reportType: 'review_log', parameters, timeZone: 'America/Chicago' };
    const { report, scopeDescription } = await context(detail, more);
    expect(report.parameters).toMatchObject({ from, to });
    expect(scopeDescription).toContain(`changed ${daysInWords(from, to)}`);
  });

  test('has the days of a relative period also where they are of transcripts', async () => {
    const { report, scopeDescription } = await context({ parameters: { period: 'last_7_days' } });
    expect(report.parameters).toMatchObject({ dateFrom: '2026-11-16', dateTo: '2026-11-22' });
    expect(scopeDescription).toContain(
      'Depositions and court proceedings; transcripts dated November 16 to 22, 2026; with custom fields; sorted by name',
    );
  });

  test('of a schedule goes without recipients who lost access, unless nobody is left', async () => {
    const scheduled = { scheduledFor: '2026-11-23T12:00:00Z' };
    const lost = emails.withoutAccess;
    const some = await context({ delivery: { recipients: [lost, emails.attorney] } }, scheduled);
    expect(some.delivery.recipients.map(({ email }) => email)).toEqual([emails.attorney]);
    expect(await refusal({ delivery: { recipients: [lost] } }, scheduled)).toEqual({
      error: 'RecipientDenied',
      cause: `delivery.recipients: ${lost} does not have access to this case.`,
    });
  });

  test('tells times in its zone', async () => {
    const { requestedAt, file } = await context({ timeZone: 'Asia/Tokyo' });
    expect(requestedAt).toBe('2026-11-24 02:04:05 (Asia/Tokyo)');
    expect(file.name).toContain('_20261124-020405.csv');
  });

  test('names an XLSX as one', async () => {
    const { report, file } = await context({ format: 'xlsx' });
    expect(report.format).toBe('xlsx');
    expect(file.key.endsWith(`/${file.name}`)).toBe(true);
    expect(file.name).toMatch(/_20261123-170405\.xlsx$/);
    expect(file.contentType).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
  });

  test('gives the same file when it runs again', async () => {
    expect(await context()).toEqual(await context());
  });

  test('names the file after the case id when the name has no Latin letters', async () => {
    const { file } = await context({}, { caseId: caseIds.nonLatin });
    expect(file.name).toBe('transcript-metadata_case-1007_20261123-170405.csv');
  });

  test('may come from an administrator of the account, who needs no access of their own', async () => {
    const { requester } = await context(
      { requestedBy: user('dashboardAdministrator') },
      { caseId: caseIds.empty },
    );
    expect(requester.name).toBe('Dana Whitfield');
  });

  test('takes addresses in any case, and mails each person once', async () => {
    const recipients = [emails.attorney.toUpperCase(), emails.attorney];
    const requestedBy = { userId: userIds.paralegal, email: emails.paralegal.toUpperCase() };
    const { delivery, requester } = await context({ requestedBy, delivery: { recipients } });
    expect(delivery.recipients).toEqual([{ email: emails.attorney, name: 'José Núñez', outside: false }]);
    expect(requester.email).toBe(emails.paralegal);
  });
});

describe('A request with errors is refused as InvalidRequest', () => {
  test.each([
    [{ parameters: { foo: 1 } }, 'parameters.foo: Unknown parameter.'],
    [{ parameters: { scope: 'all' } }, 'parameters.scope: "all" is not one of deponents, proceedings, both.'],
    [{ parameters: { dateFrom: '2026-02-30' } }, 'parameters.dateFrom: "2026-02-30" is not a date.'],
    [{ parameters: { dateFrom: 'yesterday' } }, 'parameters.dateFrom: "yesterday" is not a date.'],
    [{ parameters: { onlyMissing: 'yes' } }, 'parameters.onlyMissing: "yes" is not true or false.'],
    [
      { parameters: { deponentIds: [1, '2 OR 1=1'] } },
      'parameters.deponentIds.1: "2 OR 1=1" is not a whole number.',
    ],
    [{ parameters: { deponentIds: [0] } }, 'parameters.deponentIds.0: 0 is less than 1.'],
    [
      { parameters: { dateFrom: '2026-03-01', dateTo: '2026-02-01' } },
      'parameters.dateTo: "2026-02-01" is before dateFrom, "2026-03-01".',
    ],
    [{ timeZone: 'Mars/Base' }, 'timeZone: "Mars/Base" is not a time zone.'],
    [{ timeZone: '+05:00' }, 'timeZone: "+05:00" is not a time zone.'],
    [{ format: 'pdf' }, 'format: "pdf" is not one of csv, xlsx.'],
    [
      { delivery: { mode: 'mail_body' } },
      'delivery.mode: "mail_body" is not one of attachment, link, in_app.',
    ],
    [
      { delivery: { recipients: ['nobody'] } },
      'delivery.recipients.0: "nobody" does not have the required form.',
    ],
    [{ delivery: { expiresInDays: 31 } }, 'delivery.expiresInDays: 31 is more than 30.'],
    [{ requestedBy: { userId: 2 } }, 'requestedBy.email: Missing.'],
    [{ parametersKey: 'x' }, 'parametersKey: "x" does not have the required form.'],
    [
      { parametersKey: 'development/cases/1001/requests/../../1005/requests/a.json' },
      'parametersKey: "development/cases/1001/requests/../../1005/requests/a.json" does not have the required form.',
    ],
    [
      { approvedBy: { userId: 1, email: 'a@b.example' } },
      'approvedBy: {"userId":1,"email":"a@b.example"} must be null for this report.',
    ],
    [{ schedule: { timeZone: 'UTC' } }, 'schedule.expression: Missing.'],
    [{ schedule: 'weekly' }, 'schedule: "weekly" is not an object or null.'],
    [
      { schedule: { ...daily, expression: 'daily' } },
      'schedule.expression: "daily" does not have the required form.',
    ],
    [{ schedule: { ...daily, timeZone: '+01:00' } }, 'schedule.timeZone: "+01:00" is not a time zone.'],
    [
      { schedule: { ...daily, endAt: '2026-02-30T00:00:00Z' } },
      'schedule.endAt: "2026-02-30T00:00:00Z" is not a moment in UTC.',
    ],
    [
      { schedule: { ...daily, endAt: '2026-11-23T17:00:00Z' } },
      'schedule.endAt: 2026-11-23T17:00:00Z is in the past.',
    ],
    [
      { schedule: { ...daily, startAt: '2027-01-02T00:00:00Z', endAt: '2027-01-01T00:00:00Z' } },
      'schedule.endAt: 2027-01-01T00:00:00Z is not after startAt, 2027-01-02T00:00:00Z.',
    ],
    [
      { schedule: { ...daily, expression: 'at(2026-11-23T12:00:00)' } },
      'schedule.expression: 2026-11-23T12:00:00 is in the past.',
    ],
    [
      { schedule: { expression: 'at(2027-03-14T02:30:00)', timeZone: 'America/Chicago' } },
      'schedule.expression: 2027-03-14T02:30:00 does not exist in America/Chicago.',
    ],
    [{ reportType: 'deposition_search_pdf' }, 'parametersKey: Missing.'],
    [{ format: 'pdf' }, 'format: "pdf" is not one of csv, xlsx.'],
    [{ reportType: 'search_hit' }, 'parametersKey: Missing.'],
    [{ surprise: true }, 'surprise: Unknown parameter.'],
    [{ reportType: 'review_log' }, 'parameters.logType: Missing.'],
  ])('%o', async (eventDetail, cause) => {
    expect(await refusal(eventDetail)).toEqual(invalid(cause));
  });

  test.each([
    [{ columns: [{ field: 'Batez', header: 'B' }] }, 'columns.0.field: "Batez" is not one of Log Number, '],
    [
      { layout: 'history', columns: [{ field: 'Author', header: 'A' }] },
      'columns.0.field: "Author" is not one of Changed At, ',
    ],
    [{ layout: 'history', includeFamilies: true }, 'includeFamilies: Only false is possible here, not true.'],
    [{ scope: { folderIds: [1], all: true } }, 'scope: Give one of folderIds, all.'],
    [{ period: 'yesterday' }, 'period: "yesterday" is not one of previous_day, '],
    [{ period: 'previous_day', to: '2026-02-01' }, 'period: Give from and to, or period, not both.'],
    [{ from: '2026-02-02', to: '2026-02-01' }, 'to: "2026-02-01" is before from, "2026-02-02"'],
  ])('of a review log %o', async (more, problem) => {
    const { error, cause } = (await refusal({
      reportType: 'review_log',
      parameters: { logType: 'privilege', ...more },
    }))!;
    expect(error).toBe('InvalidRequest');
    expect(cause.split('\n')).toEqual([expect.stringContaining(`parameters.${problem}`)]);
  });

  test.each([
    [
      { columns: [{ field: 'batez' }] },
      'columns.0.field: "batez" is not one of nextpoint_id, bates_start, bates_end, page_count, ',
    ],
    [{ columns: [{ field: 'custom_field:x' }] }, 'columns.0.field: "custom_field:x" is not one of '],
    [{ selection: { documentIds: [1], all: true } }, 'selection: Give one of documentIds, all.'],
    [{ selection: { documentIds: ['1'] } }, 'selection.documentIds.0: "1" is not a whole number.'],
    [{ dateStyle: 'eu' }, 'dateStyle: "eu" is not one of iso, us'],
    // An overlay would write it back over what is stored.
    [{ headerStyle: 'system', dateStyle: 'us' }, 'dateStyle: Only iso is possible here, not "us".'],
    [
      { headerStyle: 'system', longText: 'truncate' },
      'longText: Only full is possible here, not "truncate".',
    ],
    [{ headerStyle: 'system', longText: 'sidecar' }, 'longText: Only full is possible here, not "sidecar".'],
    [{ multiValueDelimiter: '\u0014' }, 'multiValueDelimiter: "\\u0014" does not have the required form.'],
  ])('of a grid %o', async (more, problem) => {
    const parameters = { columns: [{ field: 'title' }], selection: { all: true }, ...more };
    const { error, cause } = (await refusal({ reportType: 'grid_data_export', parameters }))!;
    expect(error).toBe('InvalidRequest');
    expect(cause.split('\n')).toEqual([expect.stringContaining(`parameters.${problem}`)]);
  });

  test('when a grid with system names is to be a workbook, which an overlay does not read', async () => {
    const parameters = { columns: [{ field: 'title' }], selection: { all: true }, headerStyle: 'system' };
    const asked = { reportType: 'grid_data_export', format: 'xlsx', parameters };
    expect(await refusal(asked)).toEqual(invalid('format: Only csv is possible here, not "xlsx".'));
    await context({ ...asked, parameters: { ...parameters, headerStyle: 'display' } });
  });

  test('when it asks for custom fields of a case that keeps them on S3', async () => {
    const columns = [{ field: 'title' }, { field: 'custom_field:7' }];
    const parameters = { columns, selection: { documentIds: [1] } };
    const asked = { reportType: 'grid_data_export', parameters };
    expect(await refusal(asked, { caseId: caseIds.newer })).toEqual(
      invalid(
        "parameters.columns: custom_field:7 can't be exported from this case, which keeps its custom fields on S3. Leave it out.",
      ),
    );
    const without = { ...asked, parameters: { ...parameters, columns: [{ field: 'title' }] } };
    expect((await context(without, { caseId: caseIds.newer })).case!.name).toBe('Newer Matter');
  });

  test.each(['1001', '1001; DROP TABLE users', 0, -1, 1.5, null])('case id %o', async (caseId) => {
    const result = await refusal({}, { caseId });
    expect(result).toMatchObject({ error: 'InvalidRequest', cause: expect.stringMatching(/^caseId: /) });
  });

  test('naming all of them, each with its place', async () => {
    const parameters = { foo: 1, dateFrom: '2026-02-30', sort: 'size' };
    const { cause } = (await refusal({ parameters, timeZone: 'Mars/Base' }))!;
    const places = cause.split('\n').map((line) => line.split(': ')[0]);
    expect(places.sort()).toEqual(['parameters.dateFrom', 'parameters.foo', 'parameters.sort', 'timeZone']);
  });

  test('showing no more than 100 characters of what was sent', async () => {
    const { cause } = (await refusal({ timeZone: 'x'.repeat(10_000) }))!;
    expect(cause.length).toBeLessThan(200);
  });

  test.each([null, 'text', {}, { eventDetail: { parameters: null } }])(
    'when it is no request at all: %o',
    async (request) => {
      expect((await handler({ request, startedAt: '2026-11-23T17:04:05Z' } as never)).refusal?.error).toBe(
        'InvalidRequest',
      );
    },
  );

  test('as UserNotFound when the address is not the one of the user', async () => {
    const requestedBy = { userId: userIds.paralegal, email: emails.attorney };
    expect(await refusal({ requestedBy })).toEqual({
      error: 'UserNotFound',
      cause: `requestedBy.email: ${emails.attorney} is not the address of user ${userIds.paralegal}.`,
    });
  });
});

describe('A request is refused', () => {
  test('as UserNotFound when there is no such user', async () => {
    const requestedBy = { userId: 999, email: 'a@b.example' };
    expect(await refusal({ requestedBy })).toEqual({
      error: 'UserNotFound',
      cause: 'No user has the id 999.',
    });
  });

  test('as UserNotFound when the user was removed', async () => {
    expect(await refusal({ requestedBy: user('removed') })).toEqual({
      error: 'UserNotFound',
      cause: `User ${userIds.removed} was removed.`,
    });
  });

  test('as CaseNotFound when there is no such case', async () => {
    expect(await refusal({}, { caseId: 4711 })).toEqual({
      error: 'CaseNotFound',
      cause: 'The account of user 2 has no case 4711.',
    });
  });

  test('as CaseNotFound when the case is of another account, also for an administrator', async () => {
    const requestedBy = user('dashboardAdministrator');
    expect(await refusal({ requestedBy }, { caseId: caseIds.otherAccount })).toMatchObject({
      error: 'CaseNotFound',
    });
  });

  test('as AccessDenied when the user may not open the case', async () => {
    expect(await refusal({ requestedBy: user('withoutAccess') })).toEqual({
      error: 'AccessDenied',
      cause: `User ${userIds.withoutAccess} does not have access to case ${caseIds.pumps}.`,
    });
  });

  test('as CaseUnavailable when the case is archived', async () => {
    expect(await refusal({}, { caseId: caseIds.archived })).toEqual({
      error: 'CaseUnavailable',
      cause: `Case ${caseIds.archived} is archived.`,
    });
  });

  test('as RecipientDenied when recipients may not open the case, naming each', async () => {
    const recipients = [emails.paralegal, emails.withoutAccess, emails.removed, emails.outside];
    expect(await refusal({ delivery: { recipients } })).toEqual({
      error: 'RecipientDenied',
      cause: [
        `delivery.recipients: ${emails.withoutAccess} does not have access to this case.`,
        `delivery.recipients: ${emails.removed} does not have access to this case.`,
        `delivery.recipients: ${emails.outside} is not a user of this account, which does not allow outside recipients.`,
      ].join('\n'),
    });
  });

  test('as RecipientDenied when a recipient only looks like a user', async () => {
    // The collation of the column takes é for e.
    const lookalike = emails.paralegal.replace('priya', 'príya');
    expect(await refusal({ delivery: { recipients: [lookalike] } })).toMatchObject({
      error: 'RecipientDenied',
    });
  });
});

describe('A reviewer, who sees assigned folders only,', () => {
  const asked = (reportType: string, parameters: object) => ({
    reportType,
    requestedBy: user('reviewer'),
    parameters,
  });

  test.each([
    ['review_log', { logType: 'privilege' }],
    ['page_count', {}],
  ])('is refused a %s of all documents', async (reportType, parameters) => {
    const cause = 'parameters.scope: This user sees only assigned folders. Name the folders.';
    expect(await refusal(asked(reportType, parameters))).toEqual({ error: 'AccessLevelTooLow', cause });
    const scope = { folderIds: [1] };
    expect((await context(asked(reportType, { ...parameters, scope }))).requester.name).toBe('Wei Zhang');
  });
});

describe('A view-only user', () => {
  const there = { caseId: caseIds.newer };
  const grid = (fields: string[], selection: object = { documentIds: [1] }) => ({
    reportType: 'grid_data_export',
    requestedBy: user('viewer'),
    parameters: { columns: fields.map((field) => ({ field })), selection },
  });

  test('is refused coding, metadata and custom fields in a grid, each by name', async () => {
    expect(
      await refusal(grid(['nextpoint_id', 'author', 'tags', 'custom_field:1', 'author']), there),
    ).toEqual({
      error: 'AccessLevelTooLow',
      cause: ['author', 'tags', 'custom_field:1']
        .map((field) => `parameters.columns: View-only users can't see ${field}.`)
        .join('\n'),
    });
  });

  test('may have a grid of what the documents themselves show', async () => {
    expect((await context(grid(['bates_start', 'bates_end', 'page_count']), there)).requester.name).toBe(
      'Vic Lang',
    );
  });

  test.each([
    ['review_log', { logType: 'privilege' }, 'coding and metadata'],
    ['page_count', { scope: { folderIds: [1] } }, 'coding'],
    ['deposition_summary', {}, 'coding'],
    ['transcript_metadata', {}, 'metadata'],
  ])('is refused a %s', async (reportType, parameters, what) => {
    const asked = { reportType, requestedBy: user('viewer'), parameters };
    const cause = `reportType: View-only users can't see ${what}.`;
    expect(await refusal(asked, there)).toEqual({ error: 'AccessLevelTooLow', cause });
  });

  test('is refused all documents, as a reviewer is: both see assigned folders only', async () => {
    const cause = 'parameters.selection: This user sees only assigned folders. Name the documents.';
    const denied = { error: 'AccessLevelTooLow', cause };
    const all = grid(['bates_start'], { all: true });
    expect(await refusal(all, there)).toEqual(denied);
    expect(await refusal({ ...all, requestedBy: user('reviewer') })).toEqual(denied);
    expect((await context({ ...all, requestedBy: user('attorney') })).requester.name).toBe('José Núñez');
  });

  test('is no recipient of what they may not see', async () => {
    const recipients = [emails.paralegal, emails.viewer];
    const asked = { ...grid(['tags']), requestedBy: user('paralegal'), delivery: { recipients } };
    expect(await refusal(asked, there)).toEqual({
      error: 'RecipientDenied',
      cause: `delivery.recipients: ${emails.viewer} may not see everything in this report.`,
    });
    const visible = { ...grid(['bates_start']), delivery: { recipients } };
    expect((await context(visible, there)).delivery.recipients).toHaveLength(2);
  });

  test('is not meant when an administrator of the account asks, whatever the case says', async () => {
    const { requester } = await context({ ...grid(['tags']), requestedBy: user('dashboardAdministrator') });
    expect(requester.name).toBe('Dana Whitfield');
  });
});

describe('A report on the whole account', () => {
  const onAccount = (more: Request = {}) =>
    [
      { reportType: 'custom', requestedBy: user('dashboardAdministrator'), ...more },
      { caseId: null },
    ] as const;
  const ofBrandt = (more: Request = {}) =>
    onAccount({
      requestedBy: user('otherAccount'),
      approvedBy: { userId: userIds.dataControlAdmin, email: emails.dataControlAdmin },
      ...more,
    });

  test('is on the account of the requester, and has no case', async () => {
    const loaded = await context(...onAccount());
    expect(loaded).toMatchObject({
      account: { accountId: 1 },
      case: null,
      subject: { label: 'Account', name: 'Harlow, Pike & Associés LLP' },
      scopeDescription: 'Every database with its users; archived databases included',
    });
    expect(loaded.file.key).toBe(
      'development/accounts/1/exports/custom-rpt-1/custom_harlow-pike-associes-llp_20261123-170405.csv',
    );
  });

  test('is refused with a case', async () => {
    expect(await refusal({ reportType: 'custom' })).toEqual(
      invalid('caseId: 1001 must be null for this report.'),
    );
  });

  test('is for Dashboard Administrators alone', async () => {
    expect(await refusal(...onAccount({ requestedBy: user('paralegal') }))).toEqual({
      error: 'AdministratorsOnly',
      cause: 'Only Dashboard Administrators can run account reports. User 2 is not one.',
    });
  });

  test('is mailed to Dashboard Administrators alone', async () => {
    const { error, cause } = (await refusal(...onAccount({ delivery: { recipients: [emails.paralegal] } })))!;
    expect([error, cause]).toEqual([
      'RecipientDenied',
      `delivery.recipients: ${emails.paralegal} is not a Dashboard Administrator.`,
    ]);
  });

  test('needs an approval where the account demands one', async () => {
    expect(await refusal(...ofBrandt({ approvedBy: null }))).toEqual({
      error: 'ApprovalMissing',
      cause: 'approvedBy: This account requires the approval of a Data Control Admin.',
    });
    await context(...ofBrandt());
  });

  test('is refused when the one who approved may not', async () => {
    expect(await refusal(...ofBrandt({ approvedBy: user('otherAccount') }))).toEqual({
      error: 'ApprovalMissing',
      cause: `approvedBy: ${emails.otherAccount} is not a Data Control Admin of this account.`,
    });
  });

  test.each(['removed_at = NOW()', 'account_id = 1', 'data_control_admin = 0'])(
    'is refused when the one who approved has %s by now',
    async (change) => {
      const admin = await connectAsAdmin(database, 'nextpoint');
      const id = userIds.dataControlAdmin;
      await admin.query(`UPDATE users SET ${change} WHERE id = ${id}`);
      const refused = await refusal(...ofBrandt());
      await admin.query(
        'UPDATE users SET removed_at = NULL, account_id = 2, data_control_admin = 1 WHERE id = ?',
        [id],
      );
      await admin.end();
      expect(refused).toMatchObject({ error: 'ApprovalMissing' });
      await context(...ofBrandt());
    },
  );

  test('goes to people outside where the account allows it, marked as such', async () => {
    const recipients = [emails.outside, emails.otherAccount];
    const { delivery } = await context(...ofBrandt({ delivery: { recipients } }));
    expect(delivery.recipients).toEqual([
      { email: emails.outside, name: '', outside: true },
      { email: emails.otherAccount, name: 'Olga Brandt', outside: false },
    ]);
  });
});

describe('Parameters on S3', () => {
  const key = `development/cases/${caseIds.pumps}/requests/rpt-1.json`;
  const deponentIds = Array.from({ length: 500 }, (_, index) => index + 1);
  const stored = async (content: unknown, parametersKey = key) => {
    await storage.put(parametersKey, typeof content === 'string' ? content : JSON.stringify(content));
    return { parametersKey };
  };

  test('count as those of the message; long ones stay there', async () => {
    const { report, scopeDescription } = await context(await stored({ deponentIds, scope: 'deponents' }));
    expect(report).toMatchObject({
      parametersKey: key,
      parametersSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(report.parameters).toEqual({
      scope: 'deponents',
      includeCustomFields: true,
      onlyMissing: false,
      sort: 'name',
    });
    expect(scopeDescription).toContain('stored parameters: deponentIds,');
  });

  test('are checked like those of the message', async () => {
    expect(await refusal(await stored({ scope: 'all' }))).toEqual(
      invalid('parameters.scope: Refused. The value is confidential.'),
    );
  });

  test('may hold what the report demands', async () => {
    const { report } = await context({
      reportType: 'review_log',
      ...(await stored({ logType: 'privilege' })),
    });
    expect(report.parameters).toMatchObject({ logType: 'privilege', layout: 'document' });
  });

  test('that lack what the report demands are refused', async () => {
    expect(await refusal({ reportType: 'review_log', parameters: {}, ...(await stored({})) })).toEqual(
      invalid('parameters.logType: Missing.'),
    );
  });

  test.each([
    ['that are no JSON', '{"terms": ["secret', `parametersKey: ${key} is not a JSON object.`],
    ['that are a list', [1], `parametersKey: ${key} is not a JSON object.`],
  ])('%s are refused, without quoting them', async (_, content, cause) => {
    expect(await refusal(await stored(content))).toEqual(invalid(cause));
  });

  test('may be a million ids, and when they are wrong the first is told', async () => {
    const ids = Array.from({ length: 1_000_000 }, (_, index) => 1_000_000 + index);
    const asked = async (documentIds: unknown[]) => ({
      reportType: 'grid_data_export',
      ...(await stored({ columns: [{ field: 'title' }], selection: { documentIds } })),
    });
    const { report, scopeDescription } = await context(await asked(ids));
    expect(scopeDescription).toContain('stored parameters: columns,');
    expect(report.parameters).not.toHaveProperty('selection');
    expect(await refusal(await asked(ids.map(String)))).toEqual(
      invalid('parameters.selection.documentIds.0: Refused. The value is confidential.'),
    );
  });

  test('that are not there are refused', async () => {
    const parametersKey = key.replace('rpt-1', 'nothing');
    expect(await refusal({ parametersKey })).toEqual(
      invalid(`parametersKey: There is no file ${parametersKey}.`),
    );
  });

  test('of another case are refused, and never read', async () => {
    const other = await stored({}, `development/cases/${caseIds.otherAccount}/requests/rpt-1.json`);
    storage.requests.length = 0;
    expect(await refusal(other)).toEqual(
      invalid(`parametersKey: ${other.parametersKey} is not under development/cases/1001/requests/.`),
    );
    expect(storage.requests).toEqual([]);
  });

  test('beside parameters in the message are refused', async () => {
    const both = { ...(await stored({})), parameters: { scope: 'both' } };
    expect(await refusal(both)).toEqual(
      invalid('parametersKey: Give parameters or parametersKey, not both.'),
    );
  });

  test('that S3 does not give for the moment are an error, not a refusal', async () => {
    const { parametersKey } = await stored({});
    storage.interfere = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    await expect(load({ parametersKey })).rejects.toMatchObject({ name: 'StorageUnavailable' });
    storage.interfere = undefined;
  });
});

test('A database that is down is an error, not a refusal', async () => {
  await database.stop();
  await expect(load()).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
  await database.start();
  await expect(load()).resolves.toMatchObject({ refusal: null });
});
