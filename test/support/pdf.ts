// Reads a PDF as a viewer does.
import { getDocumentProxy } from 'unpdf';

export async function readPdf(bytes: Uint8Array) {
  const document = await getDocumentProxy(Uint8Array.from(bytes));
  const pages = await Promise.all(
    Array.from({ length: document.numPages }, (_, index) => document.getPage(index + 1)),
  );
  const texts = await Promise.all(
    pages.map(async (page) => {
      const { items } = await page.getTextContent();
      return items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
    }),
  );
  const annotations = (await Promise.all(pages.map((page) => page.getAnnotations()))).flat();
  const links: string[] = annotations.map(({ dest }) => dest);
  const destinations = (await document.getDestinations()) as Record<string, unknown>;
  return {
    /** The text of each page, in the order of its content. */
    texts,
    /** All text on one line, without repeated blanks. */
    text: texts.join(' ').replace(/\s+/g, ' '),
    links,
    destinations: Object.keys(destinations),
    outline: ((await document.getOutline()) ?? []).map(({ title, items }) => ({
      title,
      items: items.map((item: { title: string }) => item.title),
    })),
    info: (await document.getMetadata()).info as Record<string, unknown>,
    isTagged: (await document.getMarkInfo())?.Marked === true,
    structures: await Promise.all(pages.map((page) => page.getStructTree())),
    size: pages[0]!.view.slice(2).map(Math.round),
  };
}
