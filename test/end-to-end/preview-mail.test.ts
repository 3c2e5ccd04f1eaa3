import { describe, expect } from 'vitest';
import { previewMails, previewPage } from '../../local/preview-mail/preview-mail.ts';
import { it as stackTest } from '../support/stack.ts';

const it = stackTest.extend('previews', { scope: 'file' }, ({ stack }) => previewMails(stack));
describe('The preview of mails', () => {
  it('shows no HTML from names, and no placeholders', ({ previews }) => {
    for (const { title, html, text, subject } of previews) {
      expect(html, title).not.toMatch(/<(script|img|b>|h1>)|href="https:\/\/evil/);
      // The name in this fixture contains braces.
      if (title !== 'HTML in names') expect(subject + html + text, title).not.toContain('{{');
    }
  });

  it('keeps subjects to 90 characters on one line', ({ previews }) => {
    for (const { subject } of previews) {
      expect(subject.length).toBeLessThanOrEqual(90);
      expect(subject).not.toMatch(/[\r\n]/);
    }
  });

  it('is a page with each mail as HTML and as text', ({ previews }) => {
    const page = previewPage(previews);
    expect(page.match(/<iframe srcdoc="/g)).toHaveLength(previews.length);
    expect(page.match(/<pre /g)).toHaveLength(previews.length);
  });
});
