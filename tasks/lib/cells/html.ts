// Plain text from what an editor for notes makes.
import { Tokenizer } from 'htmlparser2';

const block =
  'address|article|aside|blockquote|body|br|center|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]|head|header|hr|html|li|main|nav|ol|p|pre|section|table|tr|ul';
const inline =
  'a|abbr|b|big|cite|code|col|colgroup|del|em|font|i|img|ins|label|mark|meta|o:p|q|s|script|small|span|strike|strong|style|sub|sup|t[dh]|t(?:head|body|foot)|title|tt|u|var';
const isBlock = new RegExp(`^(?:${block})$`);
/** No sign `<` within, so that a text full of them takes no longer than others. */
const known = new RegExp(
  `</?(?:${block}|${inline})(?=[\\s/>])[^<>]*>|<!--|&(?:#\\d{1,7}|#x[\\da-f]{1,6}|[a-z][a-z\\d]{1,31});`,
  'i',
);
const isCell = /^t[dh]$/;
const unseen = new Set(['script', 'style', 'title']);

/** Tags become line breaks or nothing, entities their characters. A text without any, such as `a < b`, stays as it is. */
export function textOfHtml(html: string): string {
  if (!known.test(html)) return html;
  let text = '';
  let hasTags = false;
  let isHidden = false;
  /** Where a tag begins that is none: an address in such brackets is text. */
  let addressAt = -1;
  const add = (part: string) => {
    if (!isHidden) text += part;
  };
  const tag = (start: number, end: number, isOpening: boolean) => {
    const name = html.slice(start, end).toLowerCase();
    hasTags = true;
    if (isBlock.test(name)) add('\n');
    if (isOpening && isCell.test(name)) add(' ');
    if (unseen.has(name)) isHidden = isOpening;
    addressAt = isOpening && name.includes('@') ? start - 1 : -1;
  };
  const tagEnd = (end: number) => {
    if (addressAt >= 0) add(html.slice(addressAt, end + 1));
    addressAt = -1;
  };
  // Not the parser above it: with tags within tags within tags, its time grows with their square.
  const tokenizer = new Tokenizer(
    {},
    {
      ontext: (start, end) => add(html.slice(start, end)),
      ontextentity: (character) => add(String.fromCodePoint(character)),
      onopentagname: (start, end) => tag(start, end, true),
      onclosetag: (start, end) => tag(start, end, false),
      onopentagend: tagEnd,
      onselfclosingtag: tagEnd,
      oncomment: () => {
        hasTags = true;
      },
      oncdata: nothing,
      ondeclaration: nothing,
      onprocessinginstruction: nothing,
      onattribname: nothing,
      onattribdata: nothing,
      onattribentity: nothing,
      onattribend: nothing,
      onend: nothing,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  text = text.replaceAll('\u00a0', ' ');
  return hasTags ? lines(text) : text;
}

function nothing(): void {}

/** Lines without blanks at their ends, and none that are empty. */
function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
}
