import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseIds } from '../../local/database/seed.ts';
import type { Stack } from '../../local/stack.ts';
import { ask, mailsOf, request, startTestStack } from '../support/stack.ts';
import { readXlsx, rowsOfSheet } from '../support/xlsx.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

it('brings an XLSX that says for itself what it is', async () => {
  const { eventDetail } = await ask(stack, request('workbook', { format: 'xlsx' }));
  const [mail] = await mailsOf(stack, 'workbook', 1);
  const [attachment] = mail!.attachments;
  expect(attachment!.filename).toMatch(/^transcript-metadata_.*\.xlsx$/);
  const sheets = readXlsx(attachment!.content as Buffer);
  expect(rowsOfSheet(sheets.Rows!)).toHaveLength(eventDetail.file.rows + 1);
  expect(sheets['Read Me']!.cells).toMatchObject({
    B1: { value: 'Transcript Metadata' },
    B3: { value: `Müller v. Acme Pumps, Inc. (Trial) (${caseIds.pumps})` },
    B8: { value: `${eventDetail.file.rows}` },
  });
});
