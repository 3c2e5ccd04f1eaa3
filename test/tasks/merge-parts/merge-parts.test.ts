import { beforeEach, describe, expect, onTestFinished, vi } from 'vitest';
import { caseIds } from '../../../local/database/seed.ts';
import { mergeParts } from '../../../tasks/merge-parts/handler.ts';
import { manyUnavailable } from '../../../tasks/merge-parts/unavailable.ts';
import {
  contextOf,
  folder,
  itemsOf,
  limits,
  makeParts,
  objectsIn,
  runReport,
} from '../../support/across-cases.ts';
import { it, storage } from '../../support/fixtures.ts';
import { readXlsx, rowsOfSheet } from '../../support/xlsx.ts';

beforeEach(() => storage.reset());

const exportsOf = async () => (await storage.files()).filter((key) => key.includes('/exports/'));

it('writes each header once, and the rows of each case together, in the order of the list', async () => {
  const { file } = await runReport(storage, contextOf());
  const text = await storage.text(file.key);
  expect(text.match(/User Name/g)).toHaveLength(1);
  const ids = (await objectsIn(storage, file.key)).map((row) => row['Database ID']!);
  expect(ids.filter((id, index) => id !== ids[index - 1])).toEqual(['', '2002', '2001', '2003']);
  expect(file.rows).toBe(ids.length);
});

it('gives the same bytes when it runs again, under the same keys', async () => {
  const context = contextOf();
  const first = await runReport(storage, context);
  const keys = await exportsOf();
  const second = await mergeParts({ context, folder, count: 6 }, limits);
  expect(second.file.sha256).toBe(first.file.sha256);
  expect(await exportsOf()).toEqual(keys);
});

it('gives the same workbook a day later, since its time is when reading began', async () => {
  const event = await makeParts(storage, contextOf({}, 'UTC', 'xlsx'));
  const first = await mergeParts(event, limits);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 60 * 60 * 1000 });
  const second = await mergeParts(event, limits).finally(() => vi.useRealTimers());
  expect(second.file.sha256).toBe(first.file.sha256);
});

it('says how many databases the report covers, and which not', async () => {
  const { file, cases } = await runReport(storage, contextOf());
  expect(cases).toMatchObject({ chosen: 6, read: 3, unavailable: 3 });
  expect(file.warnings).toEqual([
    'The report covers 3 of 6 databases. These could not be read: Lost "and" Found (2004), Old Structure (2006), ' +
      'Shelved (2005). The list of issues explains why and what to do.',
  ]);
});

it('logs when it leaves out more than a tenth of the databases, which an alarm counts', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  await runReport(storage, contextOf());
  expect(log.mock.calls).toEqual([[manyUnavailable]]);
});

it('lists each database that could not be read, with what to do', async () => {
  const { file } = await runReport(storage, contextOf());
  expect(file.issues).toEqual({
    key: file.key.replace('.csv', '-issues.csv'),
    name: file.name.replace('.csv', '-issues.csv'),
    cases: 3,
  });
  const rows = await objectsIn(storage, file.issues!.key);
  expect(rows.map((row) => [row['Database ID'], row.Problem])).toEqual([
    ['2004', 'The database could not be found.'],
    ['2006', 'The database has not been updated yet, and lacks data that the report needs.'],
    ['2005', 'The database is archived.'],
  ]);
  expect(rows.every((row) => row['What To Do'])).toBe(true);
});

it('keeps what became of every case beside the file', async () => {
  const { cases } = await runReport(storage, contextOf());
  const lines = (await storage.text(cases.outcomesKey)).trim().split('\n');
  const outcomes = lines.map((line) => JSON.parse(line));
  expect(outcomes.map(({ caseId, status }) => [caseId, status])).toEqual([
    [2002, 'ok'],
    [2004, 'unavailable'],
    [2001, 'ok'],
    [2006, 'unavailable'],
    [2003, 'ok'],
    [2005, 'unavailable'],
  ]);
});

it('has neither issues nor a warning when every database was read', async () => {
  const { file } = await runReport(storage, contextOf({ databaseIds: [caseIds.harbor, caseIds.quiet] }));
  expect(file).not.toHaveProperty('issues');
  expect(file.warnings).toEqual([]);
  expect((await exportsOf()).filter((key) => key.includes('issues'))).toEqual([]);
});

it('makes a workbook of the same rows, with true numbers and times, and the warning in its Read Me', async () => {
  const { file } = await runReport(storage, contextOf({ layout: 'summary' }, 'America/Chicago', 'xlsx'));
  const sheets = readXlsx(await storage.bytes(file.key));
  const [headers, ...rows] = rowsOfSheet(sheets.Rows!);
  expect(headers).toEqual(file.columns);
  expect(rows).toHaveLength(file.rows);
  const views = headers!.indexOf('Document Views');
  const id = headers!.indexOf('Database ID');
  expect(rows.find((row) => row[id] === '2001' && row[0] === 'Bo Finch')![views]).toBe(3);
  expect(JSON.stringify(sheets['Read Me'])).toContain('The report covers 3 of 6 databases.');
});

it('fails when no database at all could be read, and leaves no file', async () => {
  const context = contextOf({
    databaseIds: [caseIds.calderMissing, caseIds.drifted, caseIds.calderArchived],
  });
  await expect(runReport(storage, context)).rejects.toMatchObject({ name: 'AllCasesUnavailable' });
  expect(await exportsOf()).toEqual([]);
});

it('reads on past a part that is larger than what is read ahead', async () => {
  const context = contextOf({ databaseIds: [caseIds.harbor, caseIds.quiet] });
  const event = await makeParts(storage, context);
  // As large as two million bytes, and with a character that some take for the end of a line.
  const row = ['x\u2028y'.repeat(500), ...Array.from({ length: 19 }, () => null)];
  const rows = Array.from({ length: 1000 }, () => `${JSON.stringify(row)}\n`);
  const part = `[]\n${rows.join('')}`;
  await storage.put(`${folder}parts/000000.jsonl`, part);
  const outcome = { caseId: caseIds.harbor, status: 'ok', rows: 1000, bytes: Buffer.byteLength(part) };
  await storage.put(`${folder}outcomes/000000.json`, JSON.stringify(outcome));
  const { file } = await mergeParts(event, limits);
  const read = await objectsIn(storage, file.key);
  expect(read.filter((one) => one['User Name']!.startsWith('x'))).toHaveLength(1000);
  expect(read.at(-1)).toMatchObject({ 'Database ID': '2003' });
});

describe('a part that is not there', () => {
  const context = contextOf({ databaseIds: [caseIds.harbor, caseIds.quiet] });

  it('is an error when its outcome is missing, whatever else is there', async () => {
    const event = await makeParts(storage, context, caseIds.quiet);
    await expect(mergeParts(event, limits)).rejects.toMatchObject({
      name: 'PartMissing',
      message: `There is no ${folder}outcomes/000001.json.`,
    });
    expect(await exportsOf()).toEqual([]);
  });

  it('is an error when it has other rows than its outcome says', async () => {
    const event = await makeParts(storage, context);
    await storage.put(
      `${folder}outcomes/000000.json`,
      JSON.stringify({ caseId: caseIds.harbor, status: 'ok', rows: 7, bytes: 1 }),
    );
    await expect(mergeParts(event, limits)).rejects.toMatchObject({ name: 'PartMissing' });
    expect(await exportsOf()).toEqual([]);
  });
});

describe('a file among the parts that is cut', () => {
  it.each(['cases.jsonl', 'parts/account.jsonl', 'parts/000000.jsonl', 'outcomes/000000.json'])(
    'is PartMissing, without what it holds: %s',
    async (name) => {
      const event = await makeParts(storage, contextOf({ databaseIds: [caseIds.harbor] }));
      const text = await storage.text(`${folder}${name}`);
      await storage.put(`${folder}${name}`, `${text.trimEnd().slice(0, -5)}\n`);
      await expect(mergeParts(event, limits)).rejects.toMatchObject({
        name: 'PartMissing',
        message: `${folder}${name} has a line that is not JSON.`,
      });
      expect(await exportsOf()).toEqual([]);
    },
  );
});

it('warns of values that the server changed in its databases, each warning once', async () => {
  const event = await makeParts(storage, contextOf());
  for (const index of ['000000', '000001', '000002', '000003', '000004', '000005']) {
    const key = `${folder}outcomes/${index}.json`;
    const outcome = JSON.parse(await storage.text(key));
    if (outcome.status === 'ok')
      await storage.put(key, JSON.stringify({ ...outcome, warnings: ['Something changed.'] }));
  }
  const { file } = await mergeParts(event, limits);
  expect(file.warnings[1]).toMatch(/^Something changed\. This affects .*\(2002\), .*\(2001\), .*\(2003\)\.$/);
  expect(file.warnings).toHaveLength(2);
});

describe('a list that is not the one whose parts there are', () => {
  it('is an error when it has fewer cases', async () => {
    const event = await makeParts(storage, contextOf());
    const items = await itemsOf(storage);
    await storage.put(`${folder}cases.jsonl`, `${JSON.stringify(items[0])}\n`);
    await expect(mergeParts(event, limits)).rejects.toMatchObject({
      name: 'PartMissing',
      message: 'The list has 1 cases instead of 6.',
    });
    expect(await exportsOf()).toEqual([]);
  });

  it('is an error when it has another case in a place', async () => {
    const event = await makeParts(storage, contextOf({ databaseIds: [caseIds.harbor] }));
    const [item] = await itemsOf(storage);
    const other = { ...item, caseId: caseIds.quiet };
    await storage.put(`${folder}cases.jsonl`, `${JSON.stringify(other)}\n`);
    await expect(mergeParts(event, limits)).rejects.toMatchObject({ name: 'PartMissing' });
    expect(await exportsOf()).toEqual([]);
  });
});

it('lets all that it writes beside the parts expire with the file', async () => {
  await runReport(storage, contextOf());
  const tags = storage.requests
    .filter(
      ({ operation, key }) =>
        /^(PutObject|CreateMultipartUpload)$/.test(operation) && key.includes('/exports/'),
    )
    .map(({ headers }) => headers['x-amz-tagging']);
  expect(tags).toEqual(['expires-in-days=7', 'expires-in-days=7', 'expires-in-days=7']);
});

it.each([503, 403])('calls it an outage of S3 when it answers %i for the moment', async (status) => {
  const context = contextOf({ databaseIds: [caseIds.harbor] });
  const event = await makeParts(storage, context);
  storage.interfere = ({ operation, key }, response) => {
    if (operation !== 'GetObject' || !key.includes('/outcomes/')) return false;
    response.writeHead(status).end();
    return true;
  };
  await expect(mergeParts(event, limits)).rejects.toMatchObject({ name: 'StorageUnavailable' });
});
