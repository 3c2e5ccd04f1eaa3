// Texts of people and databases on one line, as mails and events have them.

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f]/g;
/** Signs that turn the direction of what follows: `\u202Efdp.exe` reads `exe.pdf`. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** All that some program takes for the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const breaks = /\s*[\n\v\f\r\u001c-\u001e\u0085\u2028\u2029]\s*/g;

/**
 * The text without control characters, signs of direction, line breaks, and blanks beside others.
 * @param between stands in place of line breaks within the text
 */
export function oneLine(text: string, between = ' '): string {
  return text
    .toWellFormed()
    .replaceAll(controls, '')
    .replaceAll(directions, '')
    .trim()
    .replaceAll(breaks, between)
    .replaceAll(/\s+/g, ' ')
    .trim();
}
