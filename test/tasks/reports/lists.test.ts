// Several values of one field stay as many as they are, whatever signs they hold.
import { describe, expect } from 'vitest';
import { caseIds, caseSchema, connectAsAdmin } from '../../../local/database/seed.ts';
import { handler } from '../../../tasks/export-rows/handler.ts';
import { exportEvent, rowsOf } from '../../support/exports.ts';
import { it } from '../../support/fixtures.ts';
import type { Storage } from '../../support/services.ts';

const caseId = caseIds.empty;
const values = [
  'Lee\u001fWard',
  '\u001f',
  '"\\',
  '[",",null]',
  'a\tb\r\nc',
  '',
  ' ',
  '😀é\u2028',
  'x|y',
  'Zoë',
];
const fields = {
  recipients: 'recipient',
  cc: 'cc',
  bcc: 'bcc',
  custodians: 'custodian',
  privilege_codes: 'privilege_code',
  redaction_reasons: 'redaction_reason',
  issues: 'issue',
};

it.beforeAll(async ({ database }) => {
  const admin = await connectAsAdmin(database, caseSchema(caseId));
  const document = { id: 1, npcase_id: 1, privilege_status: 'Privileged', created_at: '2026-01-05' };
  await admin.query('INSERT INTO exhibits SET ?', document);
  await admin.query("INSERT INTO custom_fields (id, npcase_id, title) VALUES (1, 1, 'Deal')");
  for (const [index, value] of values.entries()) {
    const row = { npcase_id: 1, exhibit_id: 1 };
    for (const field of Object.values(fields))
      await admin.query('INSERT INTO exhibit_values SET ?', { ...row, field, position: index, value });
    for (const custom_field_id of [null, 1]) {
      const id = 2 * index + (custom_field_id ?? 2);
      await admin.query('INSERT INTO tags SET ?', { npcase_id: 1, id, custom_field_id, name: value });
      await admin.query('INSERT INTO taggings SET ?', { ...row, tag_id: id });
    }
  }
  await admin.end();
});

async function rowOf(storage: Storage, reportType: 'grid_data_export' | 'review_log', parameters: object) {
  const { file } = await handler(exportEvent(caseId, parameters, 'UTC', reportType), {
    getRemainingTimeInMillis: () => 60_000,
  });
  return (await rowsOf(storage, file.key))[0]!;
}

const all = [...Object.keys(fields), 'tags', 'custom_field:1'];

describe('Values with separators, quotes and control characters', () => {
  it('are in a system export as they are stored, with a backslash before what could separate them', async ({
    storage,
  }) => {
    const row = await rowOf(storage, 'grid_data_export', {
      columns: all.map((field) => ({ field })),
      selection: { all: true },
      headerStyle: 'system',
      multiValueDelimiter: '|',
    });
    const cell = values.join('|').replace('"\\|', '"\\\\|').replace('x|y', 'x\\|y');
    for (const field of all) expect(row[field === 'custom_field:1' ? 'deal' : field]).toBe(cell);
  });

  it('lose no more than control characters in a file for people', async ({ storage }) => {
    const plain = values.map((value) => value.replaceAll('\u001f', '').replaceAll('\r\n', '\n'));
    const grid = await rowOf(storage, 'grid_data_export', {
      columns: all.map((field) => ({ field, header: field })),
      selection: { all: true },
      spreadsheetSafe: false,
    });
    for (const field of all) expect(grid[field]).toBe(plain.join('; '));
    const titles = [
      'Recipients',
      'CC',
      'BCC',
      'Custodians',
      'Privilege Codes',
      'Redaction Reasons',
      'Issues',
    ];
    const log = await rowOf(storage, 'review_log', {
      logType: 'privilege',
      columns: [...titles, 'Withheld Or Redacted'].map((field) => ({ field, header: field })),
    });
    for (const title of titles) expect(log[title]).toBe(plain.join('; '));
    expect(log['Withheld Or Redacted']).toBe('Redacted');
  });
});
