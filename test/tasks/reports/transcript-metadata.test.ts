import { afterEach, describe, expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { database, storage, it as test } from '../../support/fixtures.ts';

afterEach(() => storage.reset());

async function run(parameters: object = {}) {
  const event = exportEvent(caseIds.pumps, parameters);
  const { file } = await handler(event, { getRemainingTimeInMillis: () => 60_000 });
  return { file, rows: await rowsOf(storage, file.key) };
}

async function change(statements: string) {
  const admin = await connectAsAdmin(database, caseSchema(caseIds.pumps));
  await admin.query(statements);
  await admin.end();
}

describe('The report of what is missing', () => {
  test('says of each row what is', async () => {
    const { file, rows } = await run({ onlyMissing: true });
    expect(file.columns[1]).toBe('Missing');
    const missing = Object.fromEntries(rows.map((row) => [row['Deponent Last Name'], row.Missing]));
    expect(missing).toMatchObject({ '': 'Date; Title', Łukasiewicz: 'Date; Volume', 'Nuñez, Jr.': 'Date' });
    expect(rows.every((row) => row.Missing)).toBe(true);
  });

  test('has the rows of which something is missing, and all the others have nothing missing', async () => {
    const all = await run();
    const lacks = ({ 'Transcript Type': type, ...row }: Record<string, string>) =>
      !row['Transcript Date'] ||
      (type === 'Deposition'
        ? !row.Volume?.trim() || !row['Deponent Last Name']?.trim()
        : !row.Title?.trim());
    expect((await run({ onlyMissing: true })).rows).toHaveLength(all.rows.filter(lacks).length);
    expect(all.file.columns).not.toContain('Missing');
  });
});

describe('A video runtime', () => {
  test('is blank when it is unknown of one of the videos, and the report says so', async () => {
    const { file, rows } = await run();
    const blank = rows.filter((row) => row['Has Video'] === 'Yes' && !row['Video Runtime']);
    expect(blank.map((row) => row.Volume)).toEqual(['2A']);
    expect(file.warnings).toEqual(['Video Runtime is blank where the length of a video is unknown.']);
  });

  test('is there when all are known, and nothing is said', async () => {
    await change('UPDATE deposition_video_offsets SET runtime_seconds = 1 WHERE runtime_seconds IS NULL');
    const { file, rows } = await run();
    await change('UPDATE deposition_video_offsets SET runtime_seconds = NULL WHERE runtime_seconds = 1');
    const withVideo = rows.filter((row) => row['Has Video'] === 'Yes');
    expect(withVideo.map((row) => row['Video Runtime'])).toEqual(['01:22:05', '00:01:00']);
    expect(file.warnings).toEqual([]);
  });
});

test('A deponent that there is not is named', async () => {
  const { file } = await run({ deponentIds: [1, 2, 4711] });
  expect(file.warnings).toContain('2 of 3 deponents were found: there is no deponent with the ID 4711.');
});
