// Rows as a MySQL server sends them become the bytes of a CSV. AssemblyScript; `npm run wasm` compiles it into ../wasm.ts. A
// cell that is in any way unusual is left to `cell` in ../transcoder.ts, which applies the rules of lib/cells.
//
// The input is rows as ../../database/packet.ts describes them: a length of 4 bytes, then each field as its length and bytes.

/** Writes a cell at an address and gives the address behind it; for values that are not written here. */
declare function cell(column: u32, out: usize): usize;
/** The offset of the zone from UTC in seconds, or `mixed`, on a day counted from 1970 on. */
declare function offsetOn(day: u32): i32;

// One column of the file, 8 bytes, as ../transcoder.ts writes it.
const columnSize: usize = 8;
const positionAt: usize = 0;
const kindAt: usize = 4;
const flagsAt: usize = 5;

// Kinds of columns.
const text: u8 = 0;
const number: u8 = 1;
const date: u8 = 2;
const time: u8 = 3;

// Flags of columns.
/** Apostrophes keep programs from running texts as formulas. */
const guarded: u8 = 1;
/** Days are written `11/23/2026`. */
const american: u8 = 2;

/** Characters of a cell in Excel, less the apostrophe. A text of as many bytes has no more. */
const longestText: u32 = 32_766;

const maxColumns: usize = 4096;
/** Days from 1970 to 2069. */
const dayCount: u32 = 36_525;
const unknownOffset: i32 = 0x7fffffff;
/** The offset changes on that day. */
const mixed: i32 = 0x7ffffffe;

const columns: usize = __heap_base;
/** The address and the length of each field of the row; a length of -1 is NULL. */
const fields: usize = columns + maxColumns * columnSize;
const offsets: usize = fields + maxColumns * 8;
/** Vectors read and write up to 15 bytes beyond the end. */
const slack: usize = 64;
export const inputSize: u32 = 512 * 1024;
const input: usize = offsets + dayCount * 4;
const output: usize = input + inputSize + slack;
export const outputSize: u32 = 4 * 1024 * 1024;

export function addressOfColumns(): usize {
  return columns;
}
export function addressOfFields(): usize {
  return fields;
}
export function addressOfInput(): usize {
  return input;
}
export function addressOfOutput(): usize {
  return output;
}

let columnCount: u32 = 0;
let toldField: i32 = -1;
/** Classes of bytes by their low and their high half; see `classesOf`. */
let lowHalves: v128 = i8x16.splat(0);
let highHalves: v128 = i8x16.splat(0);

// Results of `run`.
export let consumed: u32 = 0;
export let written: u32 = 0;
export let rows: u32 = 0;

// Classes of bytes, bits.
/** The text is quoted. */
const special: i8 = 4 | 8 | 64;
/** Programs that split texts there take what follows for a cell of its own, so that a formula may begin. */
const separator: i8 = 8 | 64;
/** A character that goes, or that is rare and left to the rules. */
const odd: i8 = 1 | 2 | 16;
/** Not ASCII. */
const high: i8 = 32;

/**
 * Begins a file.
 * @param isRaw whether line breaks and control characters stay
 * @param told the field whose rows are left to the rules when it holds a text, or -1
 */
export function begin(count: u32, isRaw: bool, told: i32): void {
  columnCount = count;
  toldField = told;
  for (let day: u32 = 0; day < dayCount; day++) store<i32>(offsets + day * 4, unknownOffset);
  // Bit by bit, a high half and the low halves that it is classed with: 1 and 2 control characters, 16 DEL, 32 all that is
  // not ASCII; 4 `"` and `,`, 8 tab, LF, and CR when it stays, 64 `;`.
  highHalves = i8x16(1 | 8, 2, 4, 64, 0, 0, 0, 16, 32, 32, 32, 32, 32, 32, 32, 32);
  const all: i8 = 2 | 32;
  const c: i8 = all | 1;
  lowHalves = isRaw
    ? i8x16(
        32 | 1,
        32,
        32 | 4,
        32,
        32,
        32,
        32,
        32,
        32,
        32 | 8,
        32 | 8,
        32 | 1 | 64,
        32 | 1 | 4,
        32 | 8,
        32,
        32,
      )
    : i8x16(c, c, c | 4, c, c, c, c, c, c, all | 8, all | 8, c | 64, c | 4, c, c, c | 16);
}

/**
 * Writes rows from the input, which holds whole ones, to the output, until the input or the room for output ends.
 * @param from where to begin in the input
 * @param growth bytes of output that a byte of a row may need at most
 */
export function run(from: u32, length: u32, growth: u32): void {
  const begin = input + from;
  const end = begin + length;
  let s = begin;
  let d = output;
  rows = 0;
  while (s < end) {
    const size = load<u32>(s);
    const next = s + 4 + size;
    const room = <u64>size * growth + columnCount * 32 + slack;
    if (<u64>(d - output) + room > outputSize) break;
    split(s + 4, next);
    if (toldField >= 0 && load<i32>(fields + <usize>toldField * 8, 4) > 0) break;
    d = row(d);
    rows++;
    s = next;
  }
  consumed = <u32>(s - begin);
  written = <u32>(d - output);
}

/** Finds the fields of a row. */
function split(p: usize, end: usize): void {
  let f = fields;
  while (p < end) {
    let length: u32 = load<u8>(p++);
    if (length >= 0xfb) {
      if (length === 0xfb) {
        length = -1;
      } else if (length === 0xfc) {
        length = load<u16>(p);
        p += 2;
      } else {
        // A field of 16 MB, told by 0xfe, makes a row that is larger than the input.
        length = load<u32>(p) & 0xffffff;
        p += 3;
      }
    }
    store<u32>(f, <u32>p);
    store<u32>(f, length, 4);
    f += 8;
    if (length !== <u32>-1) p += length;
  }
}

function row(d: usize): usize {
  const from = d;
  for (let index: u32 = 0; index < columnCount; index++) {
    const column = columns + <usize>index * columnSize;
    const kind = load<u8>(column, kindAt);
    let behind: usize = 0;
    if (kind <= time) {
      const field = fields + load<u32>(column, positionAt) * 8;
      const s: usize = load<u32>(field);
      const n = load<u32>(field, 4);
      if (n === <u32>-1) behind = d;
      else if (kind === text) behind = textCell(d, s, n, load<u8>(column, flagsAt));
      else if (kind === number) behind = numberCell(d, s, n);
      else if (kind === date) behind = dateCell(d, s, n, load<u8>(column, flagsAt));
      else behind = timeCell(d, s, n, load<u8>(column, flagsAt));
    }
    d = behind === 0 ? cell(index, d) : behind;
    store<u8>(d++, 0x2c);
  }
  // In a file of one column an unknown value would be an empty line, which readers skip.
  if (columnCount === 1 && d === from + 1) {
    store<u16>(from, 0x2222);
    d += 2;
  }
  // CR and LF over the last comma.
  store<u16>(d - 1, 0x0a0d);
  return d + 1;
}

function numberCell(d: usize, s: usize, n: u32): usize {
  if (n === 0) return 0;
  copy(d, s, n);
  return d + n;
}

/** Gives 0 for a text that needs the rules. */
function textCell(d: usize, s: usize, n: u32, flags: u8): usize {
  if (n === 0) {
    store<u16>(d, 0x2222);
    return d + 2;
  }
  if (n > longestText) return 0;
  const isGuarded = (flags & guarded) !== 0;
  let hasApostrophe = false;
  if (isGuarded && mayBeFormula(s, s + n)) {
    const sign = load<u8>(s);
    if (sign !== 0x3d && sign !== 0x2b && sign !== 0x2d && sign !== 0x40) return 0;
    hasApostrophe = true;
  }
  const start = d + <usize>hasApostrophe;
  const classes = copyAndClass(start, s, n);
  if ((classes & odd) !== 0 || ((classes & high) !== 0 && !isPlainUtf8(s, n))) return 0;
  if ((classes & special) === 0) {
    if (hasApostrophe) store<u8>(d, 0x27);
    return start + n;
  }
  if (isGuarded && (classes & separator) !== 0 && mayHoldFormula(s, n)) return 0;
  store<u8>(d++, 0x22);
  if (hasApostrophe) store<u8>(d++, 0x27);
  d = doubleQuotes(d, s, n);
  store<u8>(d, 0x22);
  return d + 1;
}

/**
 * Whether a program may take for a formula what begins here, behind blanks and quotes: false only when it can't be. The rules
 * decide about the rest.
 */
function mayBeFormula(s: usize, end: usize): bool {
  let byte: u8 = 0x20;
  while (byte === 0x20 || byte === 0x22) {
    if (s >= end) return false;
    byte = load<u8>(s++);
  }
  const next = load<u8>(s);
  switch (byte) {
    // `=`, `+`, `-`, `@`, NUL.
    case 0x3d:
    case 0x2b:
    case 0x2d:
    case 0x40:
    case 0x00:
      return true;
    // Other blanks, and full-width signs, which begin with EF BC.
    case 0xc2:
      return next === 0xa0;
    case 0xe1:
      return next === 0x9a;
    case 0xe2:
      return next === 0x80 || next === 0x81;
    case 0xe3:
      return next === 0x80;
    case 0xef:
      return next === 0xbc;
    default:
      return false;
  }
}

/** Whether a formula may begin behind a separator, or the text begins with a tab or a line break, which takes an apostrophe, too. */
function mayHoldFormula(s: usize, n: u32): bool {
  const first = load<u8>(s);
  if (first === 0x09 || first === 0x0a || first === 0x0d) return true;
  for (let k: u32 = 0; k < n; k += 16) {
    const found = v128.and(classesOf(v128.load(s + k)), i8x16.splat(separator));
    let separators: u32 = i8x16.bitmask(i8x16.ne(found, i8x16.splat(0)));
    if (n - k < 16) separators &= (1 << (n - k)) - 1;
    while (separators !== 0) {
      if (mayBeFormula(s + k + ctz(separators) + 1, s + n)) return true;
      separators &= separators - 1;
    }
  }
  return false;
}

function copy(d: usize, s: usize, n: u32): void {
  for (let k: u32 = 0; k < n; k += 16) v128.store(d + k, v128.load(s + k));
}

/** Copies a text and gives the classes of all its bytes. */
function copyAndClass(d: usize, s: usize, n: u32): i32 {
  let all = i8x16.splat(0);
  let k: u32 = 0;
  for (; k + 16 <= n; k += 16) {
    const bytes = v128.load(s + k);
    v128.store(d + k, bytes);
    all = v128.or(all, classesOf(bytes));
  }
  if (k < n) {
    const bytes = v128.load(s + k);
    v128.store(d + k, bytes);
    all = v128.or(all, v128.and(classesOf(bytes), firstLanes(n - k)));
  }
  // Both halves into one, and so on.
  const halves = i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1);
  const quarters = <i32>(halves | (halves >> 32));
  const eighths = quarters | (quarters >> 16);
  return (eighths | (eighths >> 8)) & 0xff;
}

function classesOf(bytes: v128): v128 {
  const low = i8x16.swizzle(lowHalves, v128.and(bytes, i8x16.splat(15)));
  return v128.and(low, i8x16.swizzle(highHalves, i8x16.shr_u(bytes, 4)));
}

/** All bits of the first lanes. */
function firstLanes(count: u32): v128 {
  return i8x16.lt_u(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>count));
}

function doubleQuotes(d: usize, s: usize, n: u32): usize {
  const quote = i8x16.splat(0x22);
  for (let k: u32 = 0; k < n; k += 16) {
    const bytes = v128.load(s + k);
    const count: u32 = min<u32>(16, n - k);
    let quotes: u32 = i8x16.bitmask(i8x16.eq(bytes, quote)) & ((1 << count) - 1);
    // Up to each quote, from there on again, and so on.
    let from: u32 = 0;
    v128.store(d, bytes);
    while (quotes !== 0) {
      const at = ctz(quotes);
      quotes &= quotes - 1;
      d += at - from + 1;
      store<u8>(d++, 0x22);
      from = at + 1;
      v128.store(d, v128.load(s + k + from));
    }
    d += count - from;
  }
  return d;
}

/**
 * Whether a text is UTF-8, without surrogates, without the control characters from 80 to 9F, U+2028 and U+2029, which end lines,
 * U+FFFE and U+FFFF. After Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte": three tables tell what is wrong with two neighbours.
 */
function isPlainUtf8(s: usize, n: u32): bool {
  const tooShort: i8 = 1;
  const tooLong: i8 = 2;
  const overlong3: i8 = 4;
  const tooLarge: i8 = 8;
  const surrogate: i8 = 16;
  const overlong2: i8 = 32;
  const tooLarge1000: i8 = 64;
  const overlong4: i8 = 64;
  const twoContinuations: i8 = -128;
  const carry: i8 = tooShort | tooLong | twoContinuations;
  const large: i8 = carry | tooLarge | tooLarge1000;
  // biome-ignore format: a table
  const firstHigh = i8x16(tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, tooLong, twoContinuations, twoContinuations, twoContinuations, twoContinuations, tooShort | overlong2, tooShort, tooShort | overlong3 | surrogate, tooShort | tooLarge | tooLarge1000 | overlong4);
  // biome-ignore format: a table
  const firstLow = i8x16(carry | overlong3 | overlong2 | overlong4, carry | overlong2, carry, carry, carry | tooLarge, large, large, large, large, large, large, large, large, large | surrogate, large, large);
  const continuation: i8 = tooLong | overlong2 | twoContinuations;
  // biome-ignore format: a table
  const secondHigh = i8x16(tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, tooShort, continuation | overlong3 | tooLarge1000 | overlong4, continuation | overlong3 | tooLarge, continuation | surrogate | tooLarge, continuation | surrogate | tooLarge, tooShort, tooShort, tooShort, tooShort);
  let before = i8x16.splat(0);
  let wrong = i8x16.splat(0);
  // Zeros follow the text, so that one that ends in the middle of a character is too short.
  for (let k: u32 = 0; k <= n; k += 16) {
    let bytes = v128.load(s + k);
    if (n - k < 16) bytes = v128.and(bytes, firstLanes(n - k));
    // biome-ignore format: a table
    const one = v128.shuffle<i8>(before, bytes, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
    // biome-ignore format: a table
    const two = v128.shuffle<i8>(before, bytes, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
    // biome-ignore format: a table
    const three = v128.shuffle<i8>(before, bytes, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
    const pairs = v128.and(
      v128.and(
        i8x16.swizzle(firstHigh, i8x16.shr_u(one, 4)),
        i8x16.swizzle(firstLow, v128.and(one, i8x16.splat(15))),
      ),
      i8x16.swizzle(secondHigh, i8x16.shr_u(bytes, 4)),
    );
    const third = i8x16.sub_sat_u(two, i8x16.splat(0x60));
    const fourth = i8x16.sub_sat_u(three, i8x16.splat(0x70));
    const followers = v128.and(v128.or(third, fourth), i8x16.splat(-128));
    wrong = v128.or(wrong, v128.xor(followers, pairs));
    const isControl = v128.and(
      i8x16.eq(one, i8x16.splat(<i8>0xc2)),
      i8x16.lt_u(bytes, i8x16.splat(<i8>0xa0)),
    );
    const isNone = v128.and(
      v128.and(i8x16.eq(two, i8x16.splat(<i8>0xef)), i8x16.eq(one, i8x16.splat(<i8>0xbf))),
      i8x16.ge_u(bytes, i8x16.splat(<i8>0xbe)),
    );
    const isLineEnd = v128.and(
      v128.and(i8x16.eq(two, i8x16.splat(<i8>0xe2)), i8x16.eq(one, i8x16.splat(<i8>0x80))),
      i8x16.eq(v128.and(bytes, i8x16.splat(<i8>0xfe)), i8x16.splat(<i8>0xa8)),
    );
    wrong = v128.or(wrong, v128.or(v128.or(isControl, isNone), isLineEnd));
    before = bytes;
  }
  return !v128.any_true(wrong);
}

function digit(s: usize): u32 {
  return <u32>load<u8>(s) - 0x30;
}

/** A number of two digits; 100 and more when it is none. */
function twoDigits(s: usize): u32 {
  const tens = digit(s);
  const ones = digit(s + 1);
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/** `YYYY-MM-DD` of a day that is known and that there is, from the year 1000 on. */
function isDay(s: usize): bool {
  const century = twoDigits(s);
  const years = twoDigits(s + 2);
  const month = twoDigits(s + 5);
  const ofMonth = twoDigits(s + 8);
  // Unsigned, so that 0 is too many.
  if (century - 10 >= 90 || years > 99 || month - 1 >= 12 || ofMonth - 1 >= 31) return false;
  if (load<u8>(s, 4) !== 0x2d || load<u8>(s, 7) !== 0x2d) return false;
  if (ofMonth <= 28) return true;
  if (month !== 2) return ofMonth <= 30 + ((month + (month >> 3)) & 1);
  return ofMonth === 29 && (years !== 0 ? years & 3 : century & 3) === 0;
}

function dateCell(d: usize, s: usize, n: u32, flags: u8): usize {
  if (n !== 10 || !isDay(s)) return 0;
  copyDay(d, s, flags);
  return d + 10;
}

/** Copies `2026-11-23`, or makes `11/23/2026` of it. */
function copyDay(d: usize, s: usize, flags: u8): void {
  if ((flags & american) === 0) {
    store<u64>(d, load<u64>(s));
    store<u16>(d, load<u16>(s, 8), 8);
    return;
  }
  store<u16>(d, load<u16>(s, 5));
  store<u8>(d, 0x2f, 2);
  store<u16>(d, load<u16>(s, 8), 3);
  store<u8>(d, 0x2f, 5);
  store<u32>(d, load<u32>(s), 6);
}

/** Days from 1970 to a day of a year. */
function daysTo(year: u32, month: u32, ofMonth: u32): u32 {
  // Years from March on, so that a leap day is the last.
  const y = month <= 2 ? year - 1 : year;
  const fromMarch = month > 2 ? month - 3 : month + 9;
  const days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * fromMarch + 2) / 5 + ofMonth - 1;
  return days - 719_468;
}

/** The text of a day; the reverse of `daysTo`. */
function storeDay(d: usize, days: u32): void {
  const z = days + 719_468;
  const era = z / 146_097;
  const ofEra = z - era * 146_097;
  const yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
  const ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const fromMarch = (5 * ofYear + 2) / 153;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + <u32>(month <= 2);
  storeTwo(d, year / 100);
  storeTwo(d + 2, year % 100);
  store<u8>(d, 0x2d, 4);
  storeTwo(d + 5, month);
  store<u8>(d, 0x2d, 7);
  storeTwo(d + 8, ofYear - (153 * fromMarch + 2) / 5 + 1);
}

function storeTwo(d: usize, value: u32): void {
  store<u16>(d, <u16>(0x3030 + value / 10 + ((value % 10) << 8)));
}

/** The day and the second of a time in the zone, as `zoned` finds them. */
let zonedDay: u32 = 0;
let zonedSecond: u32 = 0;
/** Whether the day is the same as in UTC. */
let isSameDay: bool = true;

/** Reads a time in UTC, and takes it into the zone; false when the rules must do so. */
function zoned(s: usize, n: u32): bool {
  // Parts of a second are cut off.
  if (n < 19 || !isDay(s) || !(n === 19 || (n > 20 && load<u8>(s, 19) === 0x2e))) return false;
  const hour = twoDigits(s + 11);
  const minute = twoDigits(s + 14);
  const second = twoDigits(s + 17);
  if (hour > 23 || minute > 59 || second > 59) return false;
  if (load<u8>(s, 10) !== 0x20 || load<u8>(s, 13) !== 0x3a || load<u8>(s, 16) !== 0x3a) return false;
  const utcDay = daysTo(twoDigits(s) * 100 + twoDigits(s + 2), twoDigits(s + 5), twoDigits(s + 8));
  // Unsigned, so that days before 1970 are too many.
  if (utcDay >= dayCount - 1 || utcDay === 0) return false;
  let offset = load<i32>(offsets + utcDay * 4);
  if (offset === unknownOffset) {
    offset = offsetOn(utcDay);
    store<i32>(offsets + utcDay * 4, offset);
  }
  if (offset === mixed) return false;
  const moment: u32 = utcDay * 86_400 + hour * 3600 + minute * 60 + second + offset;
  zonedDay = moment / 86_400;
  zonedSecond = moment % 86_400;
  isSameDay = zonedDay === utcDay;
  return true;
}

function timeCell(d: usize, s: usize, n: u32, flags: u8): usize {
  if (!zoned(s, n)) return 0;
  let from = s;
  if (!isSameDay) {
    from = d + 32;
    storeDay(from, zonedDay);
  }
  copyDay(d, from, flags);
  store<u8>(d, 0x20, 10);
  storeTwo(d + 11, zonedSecond / 3600);
  store<u8>(d, 0x3a, 13);
  storeTwo(d + 14, (zonedSecond / 60) % 60);
  store<u8>(d, 0x3a, 16);
  storeTwo(d + 17, zonedSecond % 60);
  return d + 19;
}
