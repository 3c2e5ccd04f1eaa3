// The testimony around hits, read once in the order of the report.
import type { Readable } from 'node:stream';
import type { Connection } from 'mysql2/promise';
import { openRows, type Row, type Statement } from '../../lib/database/rows.ts';
import type { Hit, Mark } from './hits.ts';
import testimonySql from './testimony.sql';
import type { Margin, Transcript } from './transcripts.ts';

export type Line = {
  /** Of the file. */
  page: number;
  line: number;
  text: string;
  /** Lines of a transcript that follow each other have numbers that do. */
  number: number;
  exhibits: string[];
  designations: string[];
};

/** Hits with the lines around them. */
export type Passage = { transcript: Transcript; hits: Hit[]; lines: Line[] };

/** Pages before and after a hit that are read for the lines around it: some have a line or two only. */
const pagesAround = 2;
/** Characters of a JSON list of pages: RDS Proxy takes statements of 16 KB. */
const longestList = 14_000;

/**
 * Gives each hit with its lines, in order. A hit in a line that is not there any more is left out, and `lost` is called.
 * Throws what `openRows` throws, also later on.
 */
export async function* testimonyOf(
  connection: Connection,
  hits: Hit[],
  contextLines: number,
  { margins, time, lost }: { margins: Map<number, Margin[]>; time: number; lost: () => void },
): AsyncGenerator<Passage> {
  if (hits.length === 0) return;
  const { rows } = await openRows(connection, statementsOf(hits, contextLines), time);
  const waiting = new Waiting(hits, contextLines, lost);
  let around: Line[] = [];
  let before: { volumeId: number; line: Line } | undefined;
  for await (const [volume, page, line, content] of rows as Readable & AsyncIterable<Row>) {
    const volumeId = Number(volume);
    const follows = before?.volumeId === volumeId && Number(page) - before.line.page <= 1;
    if (before && !follows) {
      yield* waiting.take(before.volumeId, around, { last: true });
      around = [];
    }
    const one: Line = {
      page: Number(page),
      line: Number(line),
      text: content ?? '',
      number: before?.volumeId === volumeId ? before.line.number + (follows ? 1 : 2) : 0,
      ...marginsAt(margins.get(volumeId), Number(page), Number(line)),
    };
    around.push(one);
    before = { volumeId, line: one };
    // Now and then is often enough.
    if (around.length % 64 === 0) {
      yield* waiting.take(volumeId, around, { last: false });
      around = waiting.needed(volumeId, around);
    }
  }
  if (before) yield* waiting.take(before.volumeId, around, { last: true });
  waiting.giveUp();
}

/** Hits whose lines overlap or follow each other become one passage. */
export async function* joined(passages: AsyncIterable<Passage>): AsyncGenerator<Passage> {
  let open: Passage | undefined;
  for await (const next of passages) {
    const end = open?.lines.at(-1)?.number ?? 0;
    if (open && open.transcript === next.transcript && next.lines[0]!.number <= end + 1) {
      open.hits.push(...next.hits);
      open.lines.push(...next.lines.filter(({ number }) => number > end));
    } else {
      if (open) yield open;
      open = { ...next, hits: [...next.hits], lines: [...next.lines] };
    }
  }
  if (open) yield open;
}

/** The hits that have yet to get their lines. */
class Waiting {
  readonly #hits: Hit[];
  readonly #contextLines: number;
  readonly #lost: () => void;
  readonly #places: Map<number, number>;
  #next = 0;

  constructor(hits: Hit[], contextLines: number, lost: () => void) {
    this.#hits = hits;
    this.#contextLines = contextLines;
    this.#lost = lost;
    this.#places = new Map(hits.map(({ transcript }) => [transcript.id, transcript.place]));
  }

  /**
   * The hits whose lines have all been read.
   * @param around lines of this transcript that follow each other
   * @param last whether no line follows these
   */
  *take(volumeId: number, around: Line[], { last }: { last: boolean }): Generator<Passage> {
    for (let hit = this.#hits[this.#next]; hit; hit = this.#hits[++this.#next]) {
      if (hit.transcript.place > this.#places.get(volumeId)!) return;
      if (hit.transcript.id !== volumeId) {
        // A transcript without any line.
        this.#lost();
        continue;
      }
      const [from, to] = [hit.marks[0], hit.marks.at(-1)!];
      const end = around.at(-1)!;
      const [first, final] = [indexOf(around, from), indexOf(around, to)];
      if (first < 0 || (final < 0 && last)) {
        // Not there yet, or not any more.
        if (isAfter(from, end)) return;
        this.#lost();
        continue;
      }
      const isWhole = final >= 0 && final + this.#contextLines < around.length;
      if (!isWhole && !last) return;
      const lines = around.slice(Math.max(0, first - this.#contextLines), final + this.#contextLines + 1);
      yield { transcript: hit.transcript, hits: [hit], lines };
    }
  }

  /** The lines that hits may still need. */
  needed(volumeId: number, around: Line[]): Line[] {
    const hit = this.#hits[this.#next];
    const first = hit?.transcript.id === volumeId ? indexOf(around, hit.marks[0]) : -1;
    return around.slice(Math.max(0, (first < 0 ? around.length : first) - this.#contextLines));
  }

  /** No line comes any more. */
  giveUp(): void {
    for (; this.#next < this.#hits.length; this.#next++) this.#lost();
  }
}

function indexOf(lines: Line[], { page, line }: Mark): number {
  return lines.findIndex((one) => one.page === page && one.line === line);
}

function isAfter(mark: Mark, line: Line): boolean {
  return mark.page > line.page || (mark.page === line.page && mark.line > line.line);
}

function marginsAt(all: Margin[] | undefined, page: number, line: number) {
  const names = (kind: Margin['kind']) =>
    (all ?? [])
      .filter(
        (one) =>
          one.kind === kind &&
          (page > one.startPage || (page === one.startPage && line >= one.startLine)) &&
          (page < one.endPage || (page === one.endPage && line <= one.endLine)),
      )
      .map(({ name }) => name);
  return { exhibits: names('exhibit'), designations: names('designation') };
}

/** One statement for as many pages as it takes; a page is read once. */
function statementsOf(hits: Hit[], contextLines: number): Statement[] {
  const lists: string[] = [];
  let list = '';
  let [volume, read] = [0, 0];
  for (const { transcript, marks } of hits) {
    const around = contextLines > 0 ? pagesAround : 0;
    // The first lines of a page need those of the page before.
    const from = marks[0].page - (marks[0].line > contextLines ? 0 : around);
    const to = marks.at(-1)!.page + around;
    if (transcript.id !== volume) [volume, read] = [transcript.id, 0];
    for (let page = Math.max(from, read + 1, 1); page <= to; page++) {
      list += `${list && ','}[${volume},${page}]`;
      read = page;
      if (list.length < longestList) continue;
      lists.push(list);
      list = '';
    }
  }
  if (list) lists.push(list);
  return lists.map((pages) => ({ sql: testimonySql, values: { pages: `[${pages}]` } as never }));
}
