import { readdirSync, readFileSync } from 'node:fs';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { describe, expect } from 'vitest';
import { type Preview, previewMails, previewPage } from '../../local/preview-mail/preview-mail.ts';
import { it as stackTest, type TestStack } from '../support/stack.ts';

const it = stackTest.extend('previews', { scope: 'file' }, ({ stack }) => previewMails(stack));
const templates = [
  ...new Set(
    readdirSync('emails')
      .map((name) => name.replace(/\..*/, ''))
      .filter((name) => name !== 'layout'),
  ),
];

/** The template of a mail, and the data that its machine passed to it. */
async function given(stack: TestStack, { executionArn }: Preview) {
  const { events } = await stack.clients.sfn.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
  );
  for (const { taskScheduledEventDetails: task } of events!) {
    const { Content, Payload } = JSON.parse(task?.parameters ?? '{}');
    const sent = Content?.Template ?? (Payload?.mail && { TemplateName: Payload.mail.template });
    if (sent)
      return {
        template: sent.TemplateName.replace('reports-development-', ''),
        data: Payload ? Payload.mail.data : JSON.parse(sent.TemplateData),
      };
  }
  throw new Error(`${executionArn} sent no mail`);
}

/** The variables of a template, in all branches. Lists have variables of their own, which do not count. */
function variablesOf(template: string): string[] {
  const text = ['html', 'txt'].map((kind) => readFileSync(`emails/${template}.${kind}`, 'utf8'));
  const all = [...text, readFileSync('emails/layout.html', 'utf8'), '{{subject}}'].join('\n');
  const names = new Set<string>();
  let depth = 0;
  for (const [, block, name] of all.matchAll(/\{\{(#each|#if|\/each|\/if|else)? ?(\w+)?\}\}/g)) {
    if (block === '/each') depth--;
    if (name && depth === 0) names.add(name);
    if (block === '#each') depth++;
  }
  return [...names];
}

describe('The preview of mails', () => {
  it('shows every template, with a value for each variable, since SES drops a mail that lacks one', async ({
    stack,
    previews,
  }) => {
    const seen = new Set<string>();
    for (const preview of previews) {
      const { template, data } = await given(stack, preview);
      seen.add(template);
      expect(Object.keys(data), preview.title).toEqual(expect.arrayContaining(variablesOf(template)));
    }
    expect([...seen].sort()).toEqual(templates.sort());
    expect(variablesOf('report-ready')).toEqual(
      expect.arrayContaining(['warnings', 'table', 'rows', 'jobId']),
    );
  });

  it('shows no HTML from names, and no placeholders', ({ previews }) => {
    for (const { title, html, text, subject } of previews) {
      expect(html, title).not.toMatch(/<(script|img|b>|h1>)|evil\.example"/);
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
