// Plain text from what an editor for notes makes.

/** No sign `<` within, so that a text full of them takes no longer than others. */
const tag = (names: string) => new RegExp(`</?(?:${names})(?=[\\s/>])[^<>]*>`, 'gi');
const unseen = /<(style|script)\b[^<>]*>[^<]*<\/\1>|<!--[^<>]*-->/gi;
const lineBreak = tag('br|p|div|li|tr|h[1-6]|blockquote|pre|ul|ol|table|hr');
const inline = tag(
  'a|abbr|b|big|code|del|em|font|i|img|ins|mark|s|small|span|strike|strong|sub|sup|t[dh]|t(?:head|body|foot)|u',
);
const entity = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi;
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Tags become line breaks or nothing, entities their characters. A text without any, such as `a < b`, stays as it is. */
export function textOfHtml(html: string): string {
  if (!/[<&]/.test(html)) return html;
  const broken = html.replaceAll(unseen, '').replaceAll(lineBreak, '\n').replaceAll(inline, '');
  const text = broken.replaceAll(entity, (whole, decimal, hexadecimal, name) => {
    if (name) return entities[name.toLowerCase()]!;
    const code = decimal ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
  return broken === html ? text : lines(text);
}

/** Lines without blanks at their ends, and none that are empty. */
function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
}
