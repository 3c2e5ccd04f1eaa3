import { describe, expect } from 'vitest';
import { startConsole } from '../../../local/console/console.ts';
import { startBrowser } from '../../support/browser.ts';
import { acrossCases, request } from '../../support/messages.ts';
import { it as base, type TestStack } from '../../support/stack.ts';

const it = base.extend('page', { scope: 'file' }, async ({ stack }, { onCleanup }) => {
  const { url, stop } = await startConsole(stack);
  const browser = await startBrowser();
  onCleanup(async () => {
    await browser.stop();
    await stop();
  });
  return { ...browser, url };
});

/** Whether an element has a text. */
const has = (selector: string, text: string) =>
  `document.querySelector(${JSON.stringify(selector)})?.textContent.includes(${JSON.stringify(text)})`;
const statusIn = (state: string) =>
  `document.querySelector('[data-state="${state}"]')?.getAttribute('class')`;

function linkTo(stack: TestStack, machine: string, name: string) {
  return `#${stack.executionArn(machine, name)}`;
}

describe('The console', () => {
  it('says beside the form, in plain English, what is wrong with a request, and colours where it ended', async ({
    page,
  }) => {
    await page.resize(1280, 900);
    await page.open(`${page.url}/`);
    await page.run(`document.querySelector('#ask').click()`);
    await page.until(`document.querySelector('#fields input')`);
    await page.run(`
      [...document.querySelectorAll('#fields label')].find(({ textContent }) => textContent.startsWith('dateFrom'))
        .querySelector('input').value = 'yesterday';
      document.querySelector('#request').requestSubmit()`);
    await page.until(has('#answer', 'REPORT_FAILED'));
    expect(await page.run(`document.querySelector('#answer pre').textContent`)).toBe(
      'parameters.dateFrom: "yesterday" is not a date.',
    );
    await page.run(`document.querySelector('#answer a').click()`);
    await page.until(`${statusIn('Reject request')} === 'failed'`);
    expect(await page.run(statusIn('Load context'))).toBe('succeeded');
    expect(await page.run(statusIn('Export rows'))).toBe('');
  });

  it('redrives by keyboard, and shows how it ends without reloading', async ({ page, stack }) => {
    const restore = await stack.outage('database');
    await stack.ask(request('console-redrive', { reportType: 'page_count' }));
    await page.open(`${page.url}/${linkTo(stack, 'page-count', 'console-redrive')}`);
    await page.until(`${statusIn('Load context')} === 'failed'`);
    await restore();
    await page.run(`window.isTheSame = true; document.querySelector('[data-key=redrive]').focus()`);
    await page.press('Enter');
    await page.until(has('#execution h2', 'SUCCEEDED'));
    expect(await page.run(statusIn('Load context'))).toBe('succeeded');
    expect(await page.run(has('#execution .buttons', 'redriven 1×'))).toBe(true);
    expect(await page.run('window.isTheSame')).toBe(true);
  });

  it('shows a Map Run with its children, and a child with its states', async ({ page, stack }) => {
    await stack.ask(acrossCases('console-map'));
    await page.open(`${page.url}/${linkTo(stack, 'user-activity', 'console-map')}`);
    await page.until(has('.map-run', '6 children: 6 succeeded'));
    await page.run(`document.querySelector('.children a').click()`);
    await page.until(has('#execution h2', 'A child of user-activity'));
    expect(await page.run(statusIn('Export case'))).toBe('succeeded');
  });

  it('takes nothing from an execution for HTML', async ({ page, stack }) => {
    const name = '<img src=x onerror="window.isTaken = true">';
    await stack.ask(request('console-html', { reportType: 'page_count', parameters: { [name]: name } }));
    await page.open(`${page.url}/${linkTo(stack, 'page-count', 'console-html')}`);
    await page.until(has('#execution .failure', name));
    await page.until(has('#visits', 'onerror'));
    expect(await page.run(`[document.querySelectorAll('img').length, window.isTaken === undefined]`)).toEqual(
      [0, true],
    );
  });

  it.for([1280, 390])('fits into %i pixels', async (width, { page, stack }) => {
    await stack.ask(request(`console-fits-${width}`, { reportType: 'page_count' }));
    await page.resize(width, 844);
    await page.open(`${page.url}/${linkTo(stack, 'page-count', `console-fits-${width}`)}`);
    await page.until(has('#execution h2', 'SUCCEEDED'));
    expect(await page.run('document.documentElement.scrollWidth')).toBe(width);
  });

  it('obeys no other page of the browser', async ({ page }) => {
    const ask = (headers: Record<string, string>) =>
      fetch(`${page.url}/api/ask`, { method: 'POST', headers, body: '{}' }).then(({ status }) => status);
    expect(await ask({ 'content-type': 'text/plain' })).toBe(415);
    const alias = page.url.replace('127.0.0.1', 'localhost');
    expect((await fetch(`${alias}/api/executions`)).status).toBe(403);
  });
});
