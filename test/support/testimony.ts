// A deposition search, from its parameters to its file: the stand-in of the backend searches, and the task writes.
import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { search } from '../../local/search/backend.ts';
import { testimonyOf } from '../../local/search/platform.ts';
import type { TestimonyLine } from '../../local/search/testimony.ts';
import { handler } from '../../tasks/export-testimony/handler.ts';
import type { ReportContext } from '../../tasks/lib/context.ts';
import { parse, withParameters } from '../../tasks/load-context/parse.ts';
import { exportEvent } from './exports.ts';
import { database, storage } from './fixtures.ts';

type Choices = {
  format?: 'csv' | 'xlsx' | 'pdf';
  timeZone?: string;
  /** In place of what the case has when it is searched. */
  testimony?: TestimonyLine[];
  manifest?: object;
  context?: Partial<ReportContext>;
};

/** The answer of export-testimony; the file is in the storage of the fixtures. */
export async function exportTestimony(
  caseId: number,
  parameters: Record<string, unknown>,
  { format = 'csv', timeZone = 'UTC', testimony, manifest, context: more }: Choices = {},
) {
  const parametersKey = `development/cases/${caseId}/requests/search.json`;
  const text = JSON.stringify(parameters);
  const requestHash = createHash('sha256').update(text).digest('hex');
  await storage.put(parametersKey, text);
  const sfn = {
    send: async ({ input }: { input: { cause?: string } }) => {
      if (input.cause) throw new Error(input.cause);
    },
  } as unknown as SFNClient;
  const outputPrefix = `development/tmp/deposition_search_pdf-${requestHash}/search/`;
  const s3 = new S3Client();
  await search(
    {
      s3,
      sfn,
      documents: async () => [],
      testimony: async (id, filter) => testimony ?? (await testimonyOf(database, id, filter)),
    },
    {
      taskToken: 'token',
      jobId: 'job-1',
      caseId,
      bucket: storage.bucket,
      parametersKey,
      requestHash,
      outputPrefix,
      heartbeatSeconds: 60,
      searches: 'testimony',
    },
  );
  const manifestKey = `${outputPrefix}manifest.json`;
  if (manifest)
    await storage.put(
      manifestKey,
      JSON.stringify({ ...JSON.parse(await storage.text(manifestKey)), ...manifest }),
    );
  const detail = {
    reportType: 'deposition_search_pdf',
    requestedBy: { userId: 1, email: 'a@b.example' },
    parametersKey,
  };
  const parsed = parse({ jobId: 'job-1', caseId, eventDetail: detail }, '2026-11-23T11:04:05Z');
  const { eventDetail } = withParameters(parsed, parameters);
  const { query: _, terms: __, ...withDefaults } = eventDetail.parameters as Record<string, unknown>;
  const { context } = exportEvent(caseId, {}, timeZone);
  const name = `deposition-search.${format}`;
  return await handler(
    {
      context: {
        ...context,
        report: {
          reportType: 'deposition_search_pdf',
          title: 'Deposition Search',
          parameters: withDefaults,
          parametersKey,
          parametersSha256: requestHash,
          format,
          timeZone,
        },
        file: {
          key: `development/cases/${caseId}/exports/deposition_search_pdf-job-1/${name}`,
          name,
          contentType: 'application/octet-stream',
        },
        ...more,
      },
      manifestKey,
    },
    { getRemainingTimeInMillis: () => 120_000 },
  );
}
