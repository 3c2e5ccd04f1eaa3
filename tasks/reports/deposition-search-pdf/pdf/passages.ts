// The testimony around the hits: a section for each deponent and each transcript, and in it one passage after the other.
import type { DepositionSearchPdfParameters, SearchTerm } from '../../../../contract/types.ts';
import type { Hit } from '../hits.ts';
import { citationOf, placeOf } from '../rows.ts';
import type { Line, Passage } from '../testimony.ts';
import type { Transcript } from '../transcripts.ts';
import { dateOf, termDestination, transcriptDestination } from './cover.ts';
import type { Element, Font, Pages, Piece, Row } from './pages.ts';

const plain: Font = { name: 'mono', size: 8.5 };
const strong: Font = { name: 'monoBold', size: 8.5 };
const marginal: Font = { name: 'serif', size: 7.5 };
const leading = 12.5;
/** Distances from the left margin. */
const textAt = 56;
const marginWidth = 104;

export class PassageWriter {
  readonly #pages: Pages;
  readonly #terms: SearchTerm[];
  readonly #textWidth: number;
  #section: Element | undefined;
  #transcript: Transcript | undefined;
  #deponent: PDFKit.PDFOutline | undefined;

  constructor(
    pages: Pages,
    terms: SearchTerm[],
    { includeExhibits, includeDesignations }: DepositionSearchPdfParameters,
  ) {
    this.#pages = pages;
    this.#terms = terms;
    const hasMargin = includeExhibits || includeDesignations;
    this.#textWidth = pages.width - textAt - (hasMargin ? marginWidth : 0);
  }

  write({ transcript, hits, lines }: Passage): void {
    const pages = this.#pages;
    if (this.#transcript !== transcript) this.#begin(transcript);
    const section = this.#section!;
    // The heading with the first lines.
    pages.need(4 * leading);
    pages.destination(transcriptDestination(transcript));
    for (const { term } of hits) pages.destination(termDestination(term));
    const heading = hits
      .map((hit) => `${citationOf(hit)} (term ${this.#terms[hit.term - 1]!.id})`)
      .join(';  ');
    pages.text('H3', heading, { name: 'serifBold', size: 9 }, section);
    pages.space(2);
    const rows = lines.flatMap((line, index) =>
      this.#rowsOf(line, lines[index - 1], hits, transcript.pagesBefore),
    );
    pages.rows('P', rows, leading, section);
    pages.space(10);
  }

  end(): void {
    this.#section?.end();
  }

  #begin(transcript: Transcript): void {
    const { deponent, deponentId, volume, date, type } = transcript;
    const pages = this.#pages;
    this.#section?.end();
    const about = [volume && `Volume ${volume}`, dateOf(date)].filter(Boolean).join(', ');
    pages.begin(deponent, about);
    if (this.#transcript?.deponentId !== deponentId) this.#deponent = pages.bookmark(deponent);
    pages.bookmark(about || type, this.#deponent);
    this.#transcript = transcript;
    this.#section = pages.element('Sect');
    pages.destination(transcriptDestination(transcript));
    pages.text('H2', deponent, { name: 'serifBold', size: 14 }, this.#section);
    pages.text('P', [type, about].filter(Boolean).join(', '), { name: 'serif', size: 10 }, this.#section);
    pages.space(10);
  }

  /** A line of testimony, with its number, on as many rows as it takes. */
  #rowsOf(line: Line, before: Line | undefined, hits: Hit[], pagesBefore: number): Row[] {
    const isNewPage = before?.page !== line.page;
    const number = line.line ? String(line.line) : '';
    const place = isNewPage ? placeOf(line, pagesBefore) : number;
    const placeFont = isNewPage ? strong : plain;
    const notes = [
      ...newIn(line.exhibits, before?.exhibits).map((name) => `Exhibit: ${name}`),
      ...newIn(line.designations, before?.designations).map((name) => `Designation: ${name}`),
    ].flatMap((note) => this.#pages.wrap(note, marginal, marginWidth - 12));
    const rows = this.#wrap(piecesOf(line, hits)).map((pieces): Row => [{ at: textAt, pieces }]);
    const placeAt = textAt - 12 - this.#pages.widthOf(place, placeFont);
    rows[0]!.unshift({ at: placeAt, pieces: [{ text: place, font: placeFont }] });
    const noteAt = textAt + this.#textWidth + 12;
    for (const [index, text] of notes.entries()) {
      rows[index] ??= [];
      rows[index].push({ at: noteAt, pieces: [{ text, font: marginal }] });
    }
    // A sign in the margin of each designated line.
    if (line.designations.length > 0)
      for (const row of rows) row.push({ at: noteAt - 8, pieces: [{ text: '|', font: strong }] });
    return rows;
  }

  #wrap(pieces: Piece[]): Piece[][] {
    const rows: Piece[][] = [[]];
    let left = this.#textWidth;
    for (const { text: raw, ...piece } of pieces) {
      let text = this.#pages.printable.of(raw);
      for (
        let width = this.#pages.widthOf(text, piece.font);
        width > left;
        width = this.#pages.widthOf(text, piece.font)
      ) {
        const fits = upToBlank(this.#pages.fitting(text, piece.font, left));
        // The rest of a row is no place for a part of a word.
        const part = left < this.#textWidth && !fits.endsWith(' ') ? '' : fits;
        if (part) rows.at(-1)!.push({ ...piece, text: part });
        text = text.slice(part.length);
        rows.push([]);
        left = this.#textWidth;
      }
      if (text) rows.at(-1)!.push({ ...piece, text });
      left -= this.#pages.widthOf(text, piece.font);
    }
    return rows;
  }
}

/** The text of a line, cut where hits begin and end. */
function piecesOf({ page, line, text }: Line, hits: Hit[]): Piece[] {
  const marks = hits
    .flatMap((hit) => hit.marks)
    .filter((mark) => mark.page === page && mark.line === line)
    .sort((a, b) => a.start - b.start);
  const pieces: Piece[] = [];
  let end = 0;
  for (const { start, length } of marks) {
    if (start > end) pieces.push({ text: text.slice(end, start), font: plain });
    const words = text.slice(Math.max(start, end), start + length);
    if (words) pieces.push({ text: words, font: strong, isHit: true });
    end = Math.max(end, start + length);
  }
  pieces.push({ text: text.slice(end), font: plain });
  return pieces;
}

/** A text without the beginning of a word at its end, unless it is all one word. */
function upToBlank(text: string): string {
  const words = text.slice(0, text.lastIndexOf(' ') + 1);
  return words.trim() ? words : text;
}

function newIn(names: string[], before: string[] = []): string[] {
  return names.filter((name) => !before.includes(name));
}
