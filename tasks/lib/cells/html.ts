// Plain text from what an editor for notes makes. What is no tag of such an editor is text that a person typed.
import { decodeHTMLStrict } from 'entities';

/** Elements that need no end. */
const open =
  'br|hr|wbr|p|div|d[dlt]|li|ol|ul|h[1-6]|table|caption|col|colgroup|t[dhr]|t(?:head|body|foot)|html|head|body|o:p';
/** The others. Most are words, too: without attributes and without an end, they are text. */
const paired =
  'a|abbr|acronym|address|article|aside|b|base|bdi|bdo|big|blockquote|button|center|cite|code|del|details|dfn|em|embed|' +
  'fieldset|figcaption|figure|font|footer|form|header|i|iframe|img|input|ins|kbd|label|link|main|mark|meta|nav|nobr|object|' +
  'picture|pre|q|s|samp|script|section|small|source|span|strike|strong|style|sub|summary|sup|svg|time|title|tt|u|var|video|' +
  '(?:[ovwm]|st1):[a-z]+';
const isOpen = new RegExp(`^(?:${open})$`);
const isKnown = new RegExp(`^(?:${open}|${paired})$`);
const isBlock =
  /^(?:address|article|aside|blockquote|body|br|center|d[dlt]|div|fieldset|figure|footer|form|h[1-6]|head|header|hr|html|li|main|nav|ol|p|pre|section|table|tr|ul)$/;
const isCell = /^t[dh]$/;
const isUnseen = /^(?:script|style|title)$/;

/** A word within a tag is an attribute when it has a value; only these have none. */
const attribute =
  '(?:[a-z_:][\\w:.-]*\\s*=\\s*(?:"[^"<]*"|\'[^\'<]*\'|[^\\s"\'<>]+)|data-[\\w-]+|async|compact|controls|defer|download|hidden|noshade|nowrap|reversed)';
/** No sign `<` within, so that a text full of them takes no longer than others. */
const tag = new RegExp(`<(/?)([a-z][\\w:-]*)((?:\\s+${attribute})*)\\s*/?>`, 'iy');
/** The signs that Word and whole pages have beside tags. */
const declaration = /<(?:\?xml\b[^<>]*|!doctype\b[^<>]*|!\[(?:if\b[^<>]*|endif)\])>/iy;
const entity = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi;

/**
 * Tags become line breaks or nothing, entities their characters. Whatever else stands in angle brackets stays, such as an
 * address, and so does what has no end, such as `<title>` or `<!--`. A text without any tag, such as `a < b`, is not touched.
 */
export function textOfHtml(html: string): string {
  const endOf = searchIn(html);
  let text = '';
  let from = 0;
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', Math.max(at + 1, from))) {
    const mark = markAt(html, at, endOf);
    if (!mark) continue;
    text += decoded(html.slice(from, at)) + mark.text;
    from = mark.end;
  }
  text += decoded(html.slice(from));
  return from > 0 ? lines(text) : text;
}

type Search = (pattern: string, start: number) => number | undefined;

/** The tag, comment or declaration at a place: where it ends, and what it is to a reader. */
function markAt(html: string, at: number, endOf: Search): { end: number; text: string } | undefined {
  if (html.startsWith('<!--', at)) return markTo(endOf('-->', at + '<!--'.length));
  declaration.lastIndex = tag.lastIndex = at;
  if (declaration.test(html)) return markTo(declaration.lastIndex);
  const [, isEnd, given = '', attributes] = tag.exec(html) ?? [];
  const name = given.toLowerCase();
  if (!isKnown.test(name)) return undefined;
  const end = tag.lastIndex;
  const text = isBlock.test(name) ? '\n' : isCell.test(name) && !isEnd ? ' ' : '';
  if (isEnd || isOpen.test(name)) return { end, text };
  const closed = endOf(`</${name}\\s*>`, end);
  if (isUnseen.test(name)) return markTo(closed);
  return closed || attributes ? { end, text } : undefined;
}

function markTo(end: number | undefined) {
  return end === undefined ? undefined : { end, text: '' };
}

/**
 * Finds where the next match of a pattern ends. Places only grow, and what was found or not is remembered: a text full of
 * things without an end takes no longer than others.
 */
function searchIn(html: string): Search {
  const searches = new Map<string, { expression: RegExp; start: number; end: number | undefined }>();
  return (pattern, start) => {
    const before = searches.get(pattern);
    if (before && (before.end === undefined || before.start >= start)) return before.end;
    const expression = before?.expression ?? new RegExp(pattern, 'gi');
    expression.lastIndex = start;
    const found = expression.exec(html);
    const end = found ? expression.lastIndex : undefined;
    searches.set(pattern, { expression, start: found?.index ?? 0, end });
    return end;
  };
}

/** Only entities that end in a semicolon: an address may hold `&copy=`. */
function decoded(text: string): string {
  return text.replaceAll(entity, (found) => decodeHTMLStrict(found).replace('\u00a0', ' '));
}

/** Lines without blanks at their ends, and none that are empty. */
function lines(text: string): string {
  return text
    .replaceAll('\u00a0', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
}
