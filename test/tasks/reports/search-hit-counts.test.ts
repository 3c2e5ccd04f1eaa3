import { readFileSync } from 'node:fs';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SearchRequest, search } from '../../../local/search/backend.ts';
import { count, knownTerms, scopeFolder, searchCase } from '../../support/search-case.ts';
import { bucket, partition, startSearchCloud } from '../../support/search-cloud.ts';

const sql = (name: string) => readFileSync(`tasks/reports/search-hit/${name}.sql`, 'utf8');
const run = '20260101';
const folder = `development/tmp/search_hit-${run}`;

let cloud: Awaited<ReturnType<typeof startSearchCloud>>;
beforeAll(async () => {
  cloud = await startSearchCloud();
});
afterAll(() => cloud.stop());

/** Runs the search for these terms, and its conversion to Parquet as the first attempt. */
async function searched(
  s3: S3Client,
  documents: ReturnType<typeof searchCase>['documents'],
  terms: string[],
) {
  const parameters = {
    terms: terms.map((term, index) => ({ id: `${index}`, term })),
    scope: { folderIds: [scopeFolder] },
  };
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: 'parameters.json', Body: JSON.stringify(parameters) }),
  );
  const answers: { output?: string }[] = [];
  const request: SearchRequest = {
    taskToken: 'token',
    jobId: run,
    caseId: 1001,
    bucket,
    parametersKey: 'parameters.json',
    requestHash: 'any',
    outputPrefix: `${folder}/search/`,
    heartbeatSeconds: 60,
  };
  const sfn = {
    send: async ({ input }: { input: { output?: string } }) => void answers.push(input),
  } as unknown as SFNClient;
  await search({ s3, sfn, documents: async () => documents, testimony: async () => [] }, request);
  const { dataPrefix } = JSON.parse(answers.at(-1)!.output!);
  const { JobRunState, ErrorMessage } = await cloud.convert(dataPrefix, `${folder}/case=1001/attempt=0-0/`);
  expect(ErrorMessage).toBeUndefined();
  expect(JobRunState).toBe('SUCCEEDED');
}

test('Every count of 500 terms over 200,000 documents in families is what plain code counts', async () => {
  const { documents, words } = searchCase(200_000);
  const known = knownTerms(500);
  await searched(
    cloud.clients.s3,
    documents,
    known.map(({ term }) => term),
  );

  const inScope = documents.flatMap(({ folders }, index) => (folders.includes(scopeFolder) ? [index] : []));
  const expected = count(
    documents,
    known.map(({ finds }) => inScope.filter((index) => finds(words[index]!))),
  );

  const terms = await cloud.query(sql('terms'), partition(2, '1001', run, '0-0'));
  expect(terms.query.Status).not.toHaveProperty('StateChangeReason');
  const [scope, total, ...rows] = terms.rows;
  expect(scope).toEqual(['-1', String(expected.scope), '', '', '', '']);
  const { documents: all, withFamily, outsideScope } = expected.total;
  expect(total).toEqual(['0', ...[all, withFamily, '', '', outsideScope].map(String)]);
  const asRows = expected.terms.flatMap((row, index) =>
    row.documents ? [[index + 1, ...Object.values(row)].map(String)] : [],
  );
  expect(rows).toEqual(asRows);
  expect(rows.length).toBeGreaterThan(300);

  for (const [name, tables, groups] of [
    ['custodians', 3, expected.custodians],
    ['months', 2, expected.months],
  ] as const) {
    const { rows } = await cloud.query(sql(name), partition(tables, '1001', run, '0-0'));
    const asRows = groups.flatMap((group, index) =>
      [...group]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([value, counts]) => [index + 1, value, counts.documents, counts.withFamily].map(String)),
    );
    expect(rows).toEqual(asRows);
  }
}, 300_000);

describe('the fence between cases', () => {
  test.for([
    ['terms', 2],
    ['custodians', 3],
    ['months', 2],
  ] as const)('%s.sql finds nothing under another case, run or attempt', async ([name, tables]) => {
    for (const other of [
      ['1002', run, '0-0'],
      ['1001', 'another', '0-0'],
      ['1001', run, '1-0'],
    ] as [string, string, string][]) {
      const { query, rows } = await cloud.query(sql(name), partition(tables, ...other));
      expect(query.Status!.State).toBe('SUCCEEDED');
      expect(rows.filter(([term]) => Number(term) > 0)).toEqual([]);
      expect(query.Statistics!.DataScannedInBytes).toBe(0);
    }
  });

  test.for(['terms', 'custodians', 'months'])(
    '%s.sql names its partition wherever it reads a table',
    async (name) => {
      const unfenced = sql(name).replace('case_id = ? AND', '');
      const tables = unfenced.match(/case_id = \?/g)!.length;
      const { query } = await cloud.query(unfenced, [
        ...partition(tables, '1001', run, '0-0'),
        `'${run}'`,
        "'0-0'",
      ]);
      expect(query.Status!.StateChangeReason).toContain('injected projected partition column case_id');
    },
  );
});
