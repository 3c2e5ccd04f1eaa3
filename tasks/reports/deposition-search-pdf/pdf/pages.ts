// The pages of a tagged PDF: headers and footers, blocks of rows that continue on the next page, links and bookmarks.
// Each page is written as soon as it is full.
import { readFileSync } from 'node:fs';
import monoPath from 'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf';
import monoBoldPath from 'dejavu-fonts-ttf/ttf/DejaVuSansMono-Bold.ttf';
import serifPath from 'dejavu-fonts-ttf/ttf/DejaVuSerif.ttf';
import serifBoldPath from 'dejavu-fonts-ttf/ttf/DejaVuSerif-Bold.ttf';
import PDFDocument from 'pdfkit';
import { Printable } from './printable.ts';

export type FontName = 'mono' | 'monoBold' | 'serif' | 'serifBold';
export type Font = { name: FontName; size: number };

/** Fonts of the DejaVu project, which may be embedded and passed on freely. */
const fontFiles: Record<FontName, string> = {
  mono: monoPath,
  monoBold: monoBoldPath,
  serif: serifPath,
  serifBold: serifBoldPath,
};
const fonts = Object.entries(fontFiles).map(
  ([name, path]) => [name, readFileSync(new URL(path, import.meta.url))] as const,
);

/** A piece of text in a row. */
export type Piece = { text: string; font: Font; isHit?: boolean };
/** What stands on one line of a page: texts by their distance from the left margin. */
export type Row = { at: number; pieces: Piece[] }[];

export type Element = PDFKit.PDFStructureElement;

export type PageSetup = {
  paper: 'letter' | 'a4';
  title: string;
  subject: string;
  author: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** On the left of each footer. */
  footer: string;
};

const margin = { side: 54, top: 72, bottom: 60 };
const small: Font = { name: 'serif', size: 8 };
const colours = { text: '#111111', faint: '#555555', line: '#999999', hit: '1 0.914 0.541', link: '#0b3d91' };

/** What the types of pdfkit leave out. */
type Internals = {
  _font: Face;
  ref(data: object): { end(content: string): void };
  addContent(operators: string): void;
  page: { xobjects: Record<string, unknown>; fonts: Record<string, unknown> };
};
type Face = {
  id: string;
  ascender: number;
  ref(): unknown;
  encode(text: string): [string[], unknown];
  font: { hasGlyphForCodePoint(codePoint: number): boolean };
};

export class Pages {
  readonly width: number;
  readonly printable: Printable;
  readonly #document: PDFKit.PDFDocument;
  readonly #height: number;
  readonly #footer: string;
  readonly #root: Element;
  /** The number of all pages, which each page shows and which is known in the end. */
  readonly #total: { end(content: string): void };
  readonly #faces: Record<FontName, Face>;
  /** The glyphs of the fonts of one width. */
  readonly #glyphs = { mono: new Map<string, string>(), monoBold: new Map<string, string>() };
  readonly #monoWidth: number;
  readonly #destinations = new Set<string>();
  readonly #linked = new Set<string>();
  #header: [left: string, right: string] = ['', ''];
  #number = 0;
  #y = 0;

  constructor({ paper, title, subject, author, createdAt, footer }: PageSetup) {
    this.#document = new PDFDocument({
      size: paper === 'a4' ? 'A4' : 'LETTER',
      // Below the last row, so that pdfkit never breaks a page by itself.
      margin: 0,
      pdfVersion: '1.7',
      tagged: true,
      lang: 'en-US',
      displayTitle: true,
      autoFirstPage: false,
      font: null as unknown as string,
      info: {
        Title: title,
        Subject: subject,
        Author: author,
        Creator: author,
        Producer: 'pdfkit',
        CreationDate: new Date(createdAt),
      },
    });
    for (const [name, bytes] of fonts) this.#document.registerFont(name, bytes);
    this.#faces = Object.fromEntries(
      fonts.map(([name]) => {
        this.#document.font(name);
        return [name, this.#internals._font];
      }),
    ) as Record<FontName, Face>;
    this.#monoWidth = this.#document.font('mono').fontSize(1).widthOfString('0');
    const faces = Object.values(this.#faces);
    this.printable = new Printable((codePoint) =>
      faces.every(({ font }) => font.hasGlyphForCodePoint(codePoint)),
    );
    this.#footer = footer;
    const page = paper === 'a4' ? { width: 595.28, height: 841.89 } : { width: 612, height: 792 };
    this.width = page.width - 2 * margin.side;
    this.#height = page.height;
    const face = this.#faces[small.name];
    this.#total = this.#internals.ref({
      Type: 'XObject',
      Subtype: 'Form',
      BBox: [0, -4, 60, 12],
      Resources: { Font: { [face.id]: face.ref() } },
    });
    this.#root = this.#document.struct('Document');
    this.#document.addStructure(this.#root);
  }

  get #internals(): Internals {
    return this.#document as unknown as Internals;
  }

  /** Begins a page whose header, like those of the pages after it, says this. */
  begin(left: string, right: string): void {
    this.#header = [left, right];
    this.#newPage();
  }

  /** A part of the document under the element, or under the document itself. */
  element(type: string, parent: Element = this.#root): Element {
    const element = this.#document.struct(type);
    parent.add(element);
    return element;
  }

  /** A bookmark under another, or at the top. */
  bookmark(title: string, parent = this.#document.outline): PDFKit.PDFOutline {
    return parent.addItem(this.printable.of(title));
  }

  /** Starts a new page unless there is room for so many points. */
  need(height: number): void {
    if (this.#y + height > this.#height - margin.bottom) this.#newPage();
  }

  space(height: number): void {
    this.#y += height;
  }

  /** Links may lead to where the next row begins. */
  destination(name: string): void {
    if (this.#destinations.has(name)) return;
    this.#destinations.add(name);
    this.#document.addNamedDestination(name, 'XYZ', 0, Math.max(0, this.#y - 24), null as never);
  }

  widthOf(text: string, { name, size }: Font): number {
    if (isMono(name) && isPlain(text)) return text.length * this.#monoWidth * size;
    return this.#document.font(name).fontSize(size).widthOfString(text);
  }

  /**
   * Writes rows under each other as the content of one element, over as many pages as it takes.
   * @param goTo the destination of a link over each row
   */
  rows(type: string, rows: Row[], leading: number, parent: Element, goTo?: string): void {
    const element = this.element(type, parent);
    const link = goTo ? this.element('Link', element) : element;
    for (let next = 0; next < rows.length; ) {
      this.need(leading);
      const room = Math.max(1, Math.floor((this.#height - margin.bottom - this.#y) / leading));
      const some = rows.slice(next, next + room);
      link.add(() => {
        for (const [index, row] of some.entries())
          this.#draw(row, this.#y + index * leading, goTo && colours.link);
      });
      if (goTo) {
        this.#linked.add(goTo);
        const options = { structParent: link } as PDFKit.Mixins.AnnotationOption;
        this.#document.goTo(margin.side, this.#y, this.width, some.length * leading, goTo, options);
      }
      this.#y += some.length * leading;
      next += some.length;
    }
    if (goTo) link.end();
    element.end();
  }

  /** Writes a text, broken between words, or within those that are longer than a row. */
  text(
    type: string,
    text: string,
    font: Font,
    parent: Element,
    { at = 0, width = this.width - at, goTo }: { at?: number; width?: number; goTo?: string } = {},
  ): void {
    const rows = this.wrap(text, font, width).map((line): Row => [{ at, pieces: [{ text: line, font }] }]);
    this.rows(type, rows, font.size * 1.4, parent, goTo);
  }

  /** The rows of a text that is printable on a given width. */
  wrap(text: string, font: Font, width: number): string[] {
    const rows: string[] = [];
    let row = '';
    for (const word of this.printable.of(text).split(/(?<= )/)) {
      if (this.widthOf((row + word).trimEnd(), font) <= width) {
        row += word;
        continue;
      }
      if (row) rows.push(row.trimEnd());
      row = word;
      while (this.widthOf(row.trimEnd(), font) > width) {
        const part = this.fitting(row, font, width);
        rows.push(part);
        row = row.slice(part.length);
      }
    }
    return [...rows, row.trimEnd()];
  }

  /** A line across the page, for the eye alone. */
  rule(): void {
    this.#artifact(() => {
      this.#document
        .moveTo(margin.side, this.#y)
        .lineTo(margin.side + this.width, this.#y)
        .lineWidth(0.5)
        .stroke(colours.line);
    });
  }

  /** The bytes of the pages that are full. */
  *full(): Generator<Buffer> {
    const bytes: Buffer | null = this.#document.read();
    if (bytes) yield bytes;
  }

  /** Ends the document, and gives the rest of its bytes. */
  async *end(): AsyncGenerator<Buffer> {
    for (const name of this.#linked) this.destination(name);
    this.#root.end();
    const { id } = this.#faces[small.name];
    const [hex] = this.#faces[small.name].encode(String(this.#number));
    this.#total.end(`0.33 g BT /${id} ${small.size} Tf <${hex.join('')}> Tj ET`);
    this.#document.end();
    for await (const bytes of this.#document) yield bytes as Buffer;
  }

  #newPage(): void {
    this.#document.addPage();
    this.#number++;
    const [left, right] = this.#header;
    const font: Font = { name: 'serifBold', size: 8.5 };
    const bottom = this.#height - 40;
    const page = `Page ${this.#number} of `;
    // Room for four digits.
    const pageAt = this.width - 21;
    this.#artifact(() => {
      const rightText = this.#cut(right, small, this.width / 2 - 10);
      const rightAt = this.width - this.widthOf(rightText, small);
      this.#draw(
        [
          { at: 0, pieces: [{ text: this.#cut(left, font, rightAt - 20), font }] },
          { at: rightAt, pieces: [{ text: rightText, font: small }] },
        ],
        36,
      );
      this.#draw(
        [
          { at: 0, pieces: [{ text: this.#footer, font: small }] },
          { at: pageAt - this.widthOf(page, small), pieces: [{ text: page, font: small }] },
        ],
        bottom,
        colours.faint,
      );
      this.#document
        .moveTo(margin.side, 50)
        .lineTo(margin.side + this.width, 50)
        .lineWidth(0.5)
        .stroke(colours.line);
      // The number of all pages has no place of its own before the end.
      this.#internals.page.xobjects.Total = this.#total;
      const ascent = small.size * 0.94;
      const [x, y] = [margin.side + pageAt, bottom + ascent];
      this.#internals.addContent(`q 1 0 0 -1 ${x.toFixed(2)} ${y.toFixed(2)} cm /Total Do Q`);
    });
    this.#y = margin.top;
  }

  #artifact(draw: () => void): void {
    this.#document.markContent('Artifact', { type: 'Layout' });
    draw();
    this.#document.endMarkedContent();
  }

  #draw(row: Row, y: number, colour: string = colours.text): void {
    for (const { at, pieces } of row) {
      let x = margin.side + at;
      for (const { text, font, isHit } of pieces) {
        const width = this.widthOf(text, font);
        if (isHit) this.#mark(x, y, width, font.size);
        if (isMono(font.name) && isPlain(text)) this.#drawMono(text, font.name, font.size, x, y);
        else
          this.#document
            .font(font.name)
            .fontSize(font.size)
            .fillColor(colour)
            .text(text, x, y, { lineBreak: false });
        x += width;
      }
    }
  }

  /** Shows a hit by colour and a line beneath; bold letters are the caller's. */
  #mark(x: number, y: number, width: number, size: number): void {
    const box = `${fixed(x - 0.5)} ${fixed(y - 0.5)} ${fixed(width + 1)} ${fixed(size * 1.25)} re f`;
    const line = `${fixed(x)} ${fixed(y + size * 1.12)} ${fixed(width)} 0.6 re f`;
    this.#internals.addContent(`q ${colours.hit} rg ${box} 0 g ${line} Q`);
  }

  /** Testimony is most of a document, and pdfkit takes four times as long with it, and keeps the layout of each word. */
  #drawMono(text: string, name: MonoName, size: number, x: number, y: number): void {
    const face = this.#faces[name];
    const glyphs = this.#glyphs[name];
    let hex = '';
    for (const character of text) {
      let glyph = glyphs.get(character);
      if (glyph === undefined) {
        glyph = face.encode(character)[0].join('');
        glyphs.set(character, glyph);
      }
      hex += glyph;
    }
    const { fonts } = this.#internals.page;
    fonts[face.id] ??= face.ref();
    const baseline = y + (face.ascender / 1000) * size;
    this.#internals.addContent(
      `BT 1 0 0 -1 ${fixed(x)} ${fixed(baseline)} Tm /${face.id} ${size} Tf <${hex}> Tj ET`,
    );
  }

  #cut(text: string, font: Font, width: number): string {
    const printed = this.printable.of(text);
    if (this.widthOf(printed, font) <= width) return printed;
    return `${this.fitting(printed, font, width - this.widthOf('…', font))}…`;
  }

  /** As much of the beginning of a printable text as fits on a width; one character at least, unless nothing has any room. */
  fitting(text: string, font: Font, width: number): string {
    let [fits, over] = [width < font.size ? 0 : 1, text.length + 1];
    while (over - fits > 1) {
      const middle = (fits + over) >> 1;
      if (this.widthOf(text.slice(0, middle), font) <= width) fits = middle;
      else over = middle;
    }
    // Not between the halves of a character, nor before an accent of its own.
    while (fits > 1 && /^[\udc00-\udfff\p{M}]/u.test(text.slice(fits))) fits--;
    return text.slice(0, fits);
  }
}

type MonoName = 'mono' | 'monoBold';

function isMono(name: FontName): name is MonoName {
  return name === 'mono' || name === 'monoBold';
}

/** Whether each character has a place of its own: none is an accent, or of two code units. */
function isPlain(text: string): boolean {
  return !/[\p{M}\u{10000}-\u{10ffff}]/u.test(text);
}

function fixed(value: number): string {
  return value.toFixed(2);
}
