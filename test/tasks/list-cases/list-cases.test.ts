import { beforeEach, expect } from 'vitest';
import { addCases, caseIds, connectAsAdmin, emails, userIds } from '../../../local/database/seed.ts';
import { listCases } from '../../../tasks/list-cases/handler.ts';
import { contextOf, folder, itemsOf, limits } from '../../support/across-cases.ts';
import { database, it, storage } from '../../support/fixtures.ts';

beforeEach(() => storage.reset());

it('lists the databases of the account in order, each with what its export needs', async () => {
  const result = await listCases({ context: contextOf(), folder }, limits);
  expect(result).toMatchObject({ bucket: storage.bucket, key: `${folder}cases.jsonl`, count: 6 });
  const items = await itemsOf(storage);
  expect(items.map(({ index, caseId }) => [index, caseId])).toEqual([
    [0, caseIds.harbor],
    [1, caseIds.calderMissing],
    [2, caseIds.northgate],
    [3, caseIds.drifted],
    [4, caseIds.quiet],
    [5, caseIds.calderArchived],
  ]);
  expect(items[2]).toEqual({
    index: 2,
    caseId: caseIds.northgate,
    name: 'Northgate v. Ulster, Inc.',
    type: 'Litigation',
    status: 'active',
    projectName: 'Northgate',
    clientNumber: '000123',
    matterNumber: '7-4',
  });
});

it('never lists a database of another account, whoever names it', async () => {
  await listCases({ context: contextOf({ databaseIds: [caseIds.pumps, caseIds.quiet] }), folder }, limits);
  expect((await itemsOf(storage)).map(({ caseId }) => caseId)).toEqual([caseIds.quiet]);
});

it('tells the exports whom to look for by id, which fits a statement', async () => {
  const userEmails = [emails.calderReviewer, emails.attorney];
  const { query } = await listCases({ context: contextOf({ userEmails }), folder }, limits);
  expect(query.userIds).toEqual([userIds.attorney, userIds.calderReviewer]);
});

it('finds users whose addresses have capitals outside ASCII', async () => {
  const core = await connectAsAdmin(database, 'nextpoint');
  const change = (email: string) =>
    core.query('UPDATE users SET email = ? WHERE id = ?', [email, userIds.calderReviewer]);
  await change('MAYA.ÖRTIZ@calderfinch.example');
  const userEmails = ['maya.Örtiz@calderfinch.example'];
  const { query } = await listCases({ context: contextOf({ userEmails }), folder }, limits);
  await change(emails.calderReviewer);
  await core.end();
  expect(query.userIds).toEqual([userIds.calderReviewer]);
});

it('refuses an address that is nobody’s any more, rather than leave somebody out', async () => {
  const userEmails = [emails.calderReviewer, 'renamed@calderfinch.example'];
  await expect(listCases({ context: contextOf({ userEmails }), folder }, limits)).rejects.toMatchObject({
    name: 'InvalidRequest',
    message: expect.stringContaining('renamed@calderfinch.example'),
  });
});

it('opens no database for logins one by one, which belong to none', async () => {
  const { count } = await listCases(
    { context: contextOf({ layout: 'detail', actions: ['login'] }), folder },
    limits,
  );
  expect(count).toBe(0);
  expect(await itemsOf(storage)).toEqual([]);
});

it('opens every database for a summary of logins, which tells of hours and idle users, too', async () => {
  expect((await listCases({ context: contextOf({ actions: ['login'] }), folder }, limits)).count).toBe(6);
});

it('gives a state little to carry, however many databases were chosen', async () => {
  await addCases(database, 500);
  const databaseIds = Array.from({ length: 500 }, (_, index) => 10_001 + index);
  const result = await listCases({ context: contextOf({ databaseIds }), folder }, limits);
  expect(result.count).toBe(500);
  expect(JSON.stringify(result).length).toBeLessThan(1_000);
});
