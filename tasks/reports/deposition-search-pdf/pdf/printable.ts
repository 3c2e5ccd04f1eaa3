// Text that the fonts can print: Latin, Greek, Cyrillic and what else they have. A note stands for anything else.

const blanks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** Without a picture of their own: controls, and signs that turn the direction of what follows. */
const invisible = /[\p{Cc}\p{Cf}\p{Variation_Selector}]/gu;
/** Written from right to left, which the fonts alone do not make readable. */
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

const scripts: [name: string, RegExp][] = [
  ['Arabic', /\p{Script=Arabic}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['Korean', /\p{Script=Hangul}/u],
  ['Chinese', /\p{Script=Han}/u],
  ['Thai', /\p{Script=Thai}/u],
  ['Hindi', /\p{Script=Devanagari}/u],
  ['emoji', /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]/u],
];
const otherText = 'unprintable';

export class Printable {
  readonly #has: (codePoint: number) => boolean;
  readonly #known = new Map<string, boolean>();
  /** Names of scripts that notes stand for. */
  readonly replaced = new Set<string>();

  /** @param has whether the fonts have a character */
  constructor(has: (codePoint: number) => boolean) {
    this.#has = has;
  }

  /** The text on one line; `[Chinese text]` where there is some. */
  of(text: string): string {
    const clean = text.toWellFormed().replaceAll(blanks, ' ').replaceAll(invisible, '').normalize('NFC');
    // Most texts are of these alone.
    if (/^[\x20-\x7e]*$/.test(clean)) return clean;
    let printed = '';
    let unknown = '';
    for (const character of clean) {
      if (this.#isPrintable(character)) {
        printed += this.#noteOf(unknown) + character;
        unknown = '';
      } else unknown += character;
    }
    return printed + this.#noteOf(unknown);
  }

  #isPrintable(character: string): boolean {
    const known = this.#known.get(character);
    if (known !== undefined) return known;
    const isPrintable = this.#has(character.codePointAt(0)!) && !rightToLeft.test(character);
    this.#known.set(character, isPrintable);
    return isPrintable;
  }

  #noteOf(unknown: string): string {
    if (!unknown) return '';
    const name = scripts.find(([, script]) => script.test(unknown))?.[0] ?? otherText;
    this.replaced.add(name);
    return name === 'emoji' ? '[emoji]' : `[${name} text]`;
  }
}
