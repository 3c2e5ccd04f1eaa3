// The transcripts of the report, and what its margins mark in them.
import type { Connection } from 'mysql2/promise';
import { select } from '../../lib/database/connection.ts';
import { oneLine } from '../../lib/one-line.ts';
import marksSql from './marks.sql';
import transcriptsSql from './transcripts.sql';

/** A volume of a deponent, or a court proceeding. */
export type Transcript = {
  id: number;
  /** From 0 on, in the order of the report. */
  place: number;
  /** On one line; `(no name)` if there is none. */
  deponent: string;
  /** Equal for the volumes of one deponent. */
  deponentId: number;
  type: 'Deposition' | 'Proceeding';
  /** `YYYY-MM-DD`, of which parts may be zeros. */
  date: string | null;
  volume: string | null;
  /** A page of the file has the number of the page plus this. */
  pagesBefore: number;
  hasText: boolean;
};

/** A passage with an exhibit or a designation; pages are those of the file. */
export type Margin = {
  kind: 'exhibit' | 'designation';
  volumeId: number;
  startPage: number;
  startLine: number;
  endPage: number;
  endLine: number;
  name: string;
};

type Values = Record<string, unknown>;

/** The transcripts in scope, in the order of the report. Throws what `select` throws. */
export async function transcriptsOf(
  connection: Connection,
  values: Values,
  time: number,
): Promise<Transcript[]> {
  const rows = await select<Transcript>(connection, transcriptsSql, values as never, time);
  return rows.map((row, place) => ({
    ...row,
    place,
    deponent: oneLine(row.deponent ?? '') || '(no name)',
    volume: oneLine(row.volume ?? '') || null,
    hasText: Boolean(row.hasText),
  }));
}

/** What the margins show, by transcript and in order. Throws what `select` throws. */
export async function marginsOf(
  connection: Connection,
  values: Values,
  time: number,
): Promise<Map<number, Margin[]>> {
  const rows = await select<Margin>(connection, marksSql, values as never, time);
  return Map.groupBy(
    rows.map((row) => ({ ...row, name: oneLine(row.name) })),
    ({ volumeId }) => volumeId,
  );
}
