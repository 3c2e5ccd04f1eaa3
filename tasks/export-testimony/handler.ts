// Reads the testimony around the hits of a search, and writes it as a PDF or as rows.
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DepositionSearchPdfParameters, SearchTerm } from '../../contract/types.ts';
import type { ReportContext } from '../lib/context.ts';
import { connect, select } from '../lib/database/connection.ts';
import { abandon, setSession } from '../lib/database/rows.ts';
import { SearchResultMissing, task } from '../lib/errors.ts';
import { type ReportFile, writeDocument, writeReport } from '../lib/files/report-file.ts';
import { readCsv, readText } from '../lib/files/search-files.ts';
import { limitsOf, type TimeLeft } from '../lib/files/transfer.ts';
import { storageClient } from '../lib/files/upload.ts';
import { allParameters } from '../lib/parameters.ts';
import { caseSchema } from '../lib/settings.ts';
import { testimonyTexts as texts } from '../lib/texts.ts';
import { momentInWords } from '../lib/words.ts';
import { type Found, unknownNames } from '../reports/asked.ts';
import askedSql from '../reports/deposition-search-pdf/asked.sql';
import { collectHits } from '../reports/deposition-search-pdf/hits.ts';
import { documentOf } from '../reports/deposition-search-pdf/pdf/document.ts';
import { columnsOf, rowOf } from '../reports/deposition-search-pdf/rows.ts';
import { type Passage, testimonyOf } from '../reports/deposition-search-pdf/testimony.ts';
import { marginsOf, transcriptsOf } from '../reports/deposition-search-pdf/transcripts.ts';
import { meaningsOf } from '../reports/index.ts';
import { outcomesOf, type SearchManifest } from '../reports/search-hit/rows.ts';

export type ExportTestimonyEvent = {
  context: ReportContext;
  /** The key of the search's manifest. */
  manifestKey: string;
};

export type ExportTestimonyResult = ReportFile & {
  table: null;
  /** Hits in all, and transcripts in scope. */
  found: { hits: number; transcripts: number };
  /** Whether there are more hits than the file has. */
  truncated: boolean;
};

/** The manifest of a search in testimony. */
type TestimonyManifest = SearchManifest & { hitKeys: string[] };

/**
 * Gives the file of the report as it lies on S3. Throws InvalidRequest when the terms are no longer what was asked for,
 * SearchResultMissing, StorageUnavailable, and what `connect`, `select`, `openRows` and `transfer` throw.
 */
export const handler = task(
  async (
    { context, manifestKey }: ExportTestimonyEvent,
    lambda: TimeLeft,
  ): Promise<ExportTestimonyResult> => {
    const { report } = context;
    const limits = limitsOf(lambda);
    const deadline = Date.now() + limits.time;
    const timeLeft = () => deadline - Date.now();
    using storage = storageClient(limits.request);
    const parameters = (await allParameters(report)) as DepositionSearchPdfParameters;
    const terms: SearchTerm[] = parameters.terms ?? [{ id: '1', term: parameters.query! }];
    const manifest = JSON.parse(await readText(storage, manifestKey)) as TestimonyManifest;
    if (manifest.requestHash !== report.parametersSha256)
      throw new SearchResultMissing(`${manifestKey} belongs to other terms.`);
    const outcomes = outcomesOf({ terms }, manifest);

    const connection = await connect(caseSchema(context.case!.caseId));
    try {
      await setSession(connection, timeLeft());
      const asked = await select<Found>(connection, askedSql, parameters as never, timeLeft());
      const transcripts = await transcriptsOf(connection, parameters, timeLeft());
      const margins = await marginsOf(connection, parameters, timeLeft());
      const { hits, counts } = await collectHits(
        rowsOf(storage, manifest.hitKeys),
        transcripts,
        terms.length,
        parameters.maxHits!,
      );
      let lost = 0;
      const countOf = (status: string) => outcomes.filter((outcome) => outcome.status === status).length;
      const [errors, doubtful] = [countOf('Error'), countOf('Warning')];
      const silent = transcripts.filter(({ hasText }) => !hasText).length;
      const notes = (): string[] => [
        ...unknownNames(
          [
            { kind: 'deponent', values: parameters.deponentIds },
            { kind: 'transcript', values: parameters.volumeIds },
          ],
          asked,
        ),
        ...(counts.total > hits.length ? [texts.cutHits(hits.length, counts.total)] : []),
        ...(errors > 0 ? [texts.failedTerms(errors)] : []),
        ...(doubtful > 0 ? [texts.doubtfulTerms(doubtful)] : []),
        ...(silent > 0 ? [texts.withoutText(silent)] : []),
        ...(lost > 0 ? [texts.lostHits(lost)] : []),
        texts.searchedAt(momentInWords(Date.parse(manifest.searchedAt), report.timeZone)),
      ];
      const passages = testimonyOf(connection, hits, parameters.contextLines!, {
        margins,
        time: timeLeft(),
        lost: () => lost++,
      });
      const rest = { ...limits, time: timeLeft() };
      const searchedAt = Date.parse(manifest.searchedAt);
      const write =
        report.format === 'pdf'
          ? () => {
              const shown = hits.length;
              const facts = {
                context,
                parameters,
                terms,
                outcomes,
                transcripts,
                counts,
                shown,
                searchedAt,
                notes,
              };
              const write = (parts: AsyncIterable<Passage>) => documentOf(parts, facts);
              return writeDocument(storage, context, { parts: passages, write, warnings: notes }, rest);
            }
          : () => {
              const columns = columnsOf(parameters);
              const rows = Readable.from(mapped(passages, (passage) => rowOf(passage, terms, columns)));
              const meanings = meaningsOf(report.reportType);
              return writeReport(
                storage,
                context,
                { fields: columns, rows, readAt: searchedAt, notes, meanings },
                rest,
              );
            };
      const { file, expires } = await write();
      await connection.end();
      return {
        file,
        expires,
        table: null,
        found: { hits: counts.total, transcripts: transcripts.length },
        truncated: counts.total > hits.length,
      };
    } catch (error) {
      abandon(connection);
      throw error;
    }
  },
);

async function* mapped<From, To>(all: AsyncIterable<From>, change: (one: From) => To): AsyncGenerator<To> {
  for await (const one of all) yield change(one);
}

async function* rowsOf(storage: S3Client, keys: string[]): AsyncGenerator<string[]> {
  for (const key of keys) yield* readCsv(storage, key);
}
