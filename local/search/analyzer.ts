// Text as Lucene's StandardAnalyzer reads it: words by UAX #29 as Lucene's tokenizer has it, in lower case.

// The classes of UAX #29, as far as JavaScript's Unicode properties express them.
const extend = String.raw`[[\p{Grapheme_Extend}\p{Mc}\p{Cf}]--[\u200b\p{Emoji_Modifier}]]`;
const ideograph = String.raw`[\p{Script=Han}]`;
const hiragana = String.raw`[\p{Script=Hiragana}]`;
const southEastAsian = String.raw`[[\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Khmer}]--[\p{Nd}\p{P}\p{Sc}]]`;
const katakana = String.raw`[\p{Script=Katakana}\u3031-\u3035\u309b\u309c\u30a0\u30fc\uff70]`;
const hebrew = String.raw`[\p{Script=Hebrew}&&\p{Lo}]`;
const letter = String.raw`[[\p{Alphabetic}\u02d7\u05f3]--[${ideograph}${hiragana}${southEastAsian}${katakana}\p{Ideographic}\p{Grapheme_Extend}\p{Mc}]]`;
const digit = String.raw`[\p{Nd}\u066c]`;
const between = String.raw`['.\u2018\u2019\u2024\ufe52\uff07\uff0e]`;
const betweenLetters = String.raw`[${between}:\u00b7\u0387\u05f4\u2027\ufe13\ufe55\uff1a]`;
const betweenDigits = String.raw`[${between},;\u037e\u0589\u060c\u060d\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b]`;
const joiner = String.raw`[\p{Pc}\u202f]`;

// Each character takes with it the marks that follow it.
const x = (characters: string) => `(?:${characters}${extend}*)`;
const number = `${x(digit)}(?:(?:${x(joiner)}*|${x(betweenDigits)})${x(digit)})*`;
const word = `${x(letter)}(?:(?:${x(joiner)}*|${x(betweenLetters)})${x(letter)})*`;
const kana = `${x(katakana)}(?:${x(joiner)}*${x(katakana)})*`;
const abbreviation = `${x(hebrew)}(?:${x("'")}|${x('"')}${x(hebrew)})`;
const run = `(?:${kana}|(?:${abbreviation}|${number}|${word})+)`;
const emoji = String.raw`(?:\p{RI}\p{RI}|[0-9#*]\ufe0f?\u20e3|\p{RGI_Emoji}|[\p{Extended_Pictographic}\u{1f000}-\u{1f0ff}]\ufe0f?)`;
const token = new RegExp(
  `${emoji}|${x(joiner)}*${run}(?:${x(joiner)}+${run})*${x(joiner)}*|${x(southEastAsian)}+|${x(ideograph)}|${x(hiragana)}`,
  'gv',
);
/** Longer words are cut, as by Lucene. */
const longestToken = 255;

/** The words of a text, in order. */
export function analyze(text: string): string[] {
  const words = text.match(token) ?? [];
  return words.flatMap((found) => cut(found).map(normalize));
}

/** The words of a text with their places, in order. */
export function locate(text: string): { word: string; start: number; length: number }[] {
  return [...text.matchAll(token)].flatMap(({ 0: found, index }) =>
    cut(found).map((part, number) => ({
      word: normalize(part),
      start: index + number * longestToken,
      length: part.length,
    })),
  );
}

/** A part of a word in lower case, character by character as Java has it. */
export function normalize(text: string): string {
  if (/^\p{ASCII}*$/u.test(text)) return text.toLowerCase();
  // One character stays one: the capital I with a dot becomes a plain i.
  return Array.from(text, (character) => Array.from(character.toLowerCase())[0]).join('');
}

function cut(word: string): string[] {
  if (word.length <= longestToken) return [word];
  return Array.from({ length: Math.ceil(word.length / longestToken) }, (_, index) =>
    word.slice(index * longestToken, (index + 1) * longestToken),
  );
}
