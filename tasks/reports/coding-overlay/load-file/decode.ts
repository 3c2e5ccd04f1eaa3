// The bytes of a load file to text, strictly: what does not belong to the encoding is an error, never a guess.
import { isUtf8 } from 'node:buffer';

export type Encoding = 'auto' | 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Bytes that do not belong to the encoding. */
export class EncodingError extends Error {
  override name = 'EncodingError';
  /** Counted from the start of the file. */
  readonly byte: number;
  /** The text of the last chunk before the byte. */
  readonly before: string;

  constructor(message: string, byte: number, before = '') {
    super(message);
    this.byte = byte;
    this.before = before;
  }
}

const marks: [string, Encoding][] = [
  ['efbbbf', 'utf-8'],
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
];

/** The encoding that the byte order mark at the start of a file tells, or else the one asked for, or else UTF-8. */
export function encodingOf(start: Buffer, asked: Encoding = 'auto'): Exclude<Encoding, 'auto'> {
  const hex = start.subarray(0, 3).toString('hex');
  const marked = marks.find(([mark]) => hex.startsWith(mark))?.[1];
  return (marked ?? (asked === 'auto' ? 'utf-8' : asked)) as Exclude<Encoding, 'auto'>;
}

/** Decodes chunk by chunk. The byte order mark stays in the text. */
export class Decoder {
  readonly #encoding: Exclude<Encoding, 'auto'>;
  /** The start of a character that the last chunk cut. */
  #rest: Buffer = Buffer.alloc(0);
  /** The offset of the rest in the file. */
  #offset = 0;
  /** For windows-1252: whether the same bytes would make sense as UTF-8, and need it. */
  #twin: { utf8: Decoder; isNeeded: boolean } | undefined;

  constructor(encoding: Exclude<Encoding, 'auto'>) {
    this.#encoding = encoding;
    if (encoding === 'windows-1252') this.#twin = { utf8: new Decoder('utf-8'), isNeeded: false };
  }

  /** Throws EncodingError. */
  push(chunk: Buffer): string {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const whole = bytes.length - this.#incomplete(bytes);
    const text = this.#decode(bytes.subarray(0, whole));
    this.#rest = Buffer.from(bytes.subarray(whole));
    this.#offset += whole;
    return text;
  }

  /** Throws EncodingError when the file ends within a character, or was UTF-8 where windows-1252 was asked for. */
  end(): void {
    if (this.#rest.length > 0) throw new EncodingError('The file ends within a character.', this.#offset);
    if (!this.#twin?.isNeeded) return;
    try {
      this.#twin.utf8.end();
    } catch {
      return;
    }
    throw new EncodingError('This is UTF-8, not windows-1252.', 0);
  }

  #decode(bytes: Buffer): string {
    const text = this.#text(bytes);
    const nul = text.indexOf('\0');
    if (nul >= 0) this.#fail('It has NUL characters, as UTF-16 without a byte order mark has.', text, nul);
    return text;
  }

  #text(bytes: Buffer): string {
    if (this.#encoding === 'utf-8') {
      const text = bytes.toString('utf8');
      if (isUtf8(bytes)) return text;
      // Bytes that are no UTF-8 became U+FFFD; a real one has its three bytes.
      for (let at = text.indexOf('\ufffd'); ; at = text.indexOf('\ufffd', at + 1)) {
        const byte = Buffer.byteLength(text.slice(0, at));
        if (bytes.toString('hex', byte, byte + 3) !== 'efbfbd') this.#fail('It is not UTF-8.', text, at);
      }
    }
    if (this.#encoding === 'windows-1252') {
      this.#watchTwin(bytes);
      const text = bytes
        .toString('latin1')
        .replace(/[\x80-\x9f]/g, (sign) => windows1252[sign.charCodeAt(0) - 0x80]!);
      const unknown = text.search(/[\x80-\x9f]/);
      if (unknown >= 0) this.#fail('It has a byte that is no character of windows-1252.', text, unknown);
      return text;
    }
    const text = (this.#encoding === 'utf-16be' ? Buffer.from(bytes).swap16() : bytes).toString('utf16le');
    if (text.isWellFormed()) return text;
    const formed = text.toWellFormed();
    let at = 0;
    while (text[at] === formed[at]) at++;
    this.#fail('It has half a character of UTF-16.', text, at);
  }

  /** The number of bytes at the end that are the start of a character. */
  #incomplete(bytes: Buffer): number {
    if (this.#encoding === 'windows-1252') return 0;
    if (this.#encoding === 'utf-8') {
      for (let back = 1; back <= Math.min(3, bytes.length); back++) {
        const byte = bytes[bytes.length - back]!;
        if (byte < 0x80) return 0;
        if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
      }
      return 0;
    }
    const odd = bytes.length % 2;
    const high = bytes[bytes.length - odd - (this.#encoding === 'utf-16le' ? 1 : 2)] ?? 0;
    return high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
  }

  #watchTwin(bytes: Buffer): void {
    if (!this.#twin) return;
    this.#twin.isNeeded ||= bytes.some((byte) => byte >= 0x80);
    try {
      this.#twin.utf8.push(bytes);
    } catch {
      this.#twin = undefined;
    }
  }

  #fail(message: string, text: string, at: number): never {
    const before = text.slice(0, at);
    const wide = this.#encoding.startsWith('utf-16');
    const single = this.#encoding === 'windows-1252';
    const bytes = wide ? at * 2 : single ? at : Buffer.byteLength(before);
    throw new EncodingError(message, this.#offset + bytes, before);
  }
}

/** 0x80 to 0x9F, since some versions of Node leave them as they are; five are no characters. */
const windows1252 = [...'€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f', ...'\x90‘’“”•–—˜™š›œ\x9džŸ'];
