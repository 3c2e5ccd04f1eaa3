// Chromium without a window, by its DevTools protocol.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Page {
  /** The value of an expression in the page; awaits a promise. Throws what the page throws. */
  run<T>(expression: string): Promise<T>;
  /** Waits for an expression to become true. Throws after a minute. */
  until(expression: string): Promise<void>;
  /** Presses a key such as `Tab` where the focus is. */
  press(key: 'Tab' | 'Enter' | 'Escape'): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  scheme(scheme: 'light' | 'dark'): Promise<void>;
  open(url: string): Promise<void>;
  /** A PNG. */
  picture(): Promise<Buffer>;
}

/** Starts Chromium, which must be installed, with one empty page. */
export async function startBrowser(): Promise<Page & { stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'report-browser-'));
  const browser = spawn(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const address = await new Promise<string>((resolve, reject) => {
    let output = '';
    browser.once('error', reject);
    browser.once('exit', () => reject(new Error(`Chromium ended: ${output}`)));
    browser.stderr.on('data', (text) => {
      output += text;
      const found = /DevTools listening on ws:\/\/([^/]+)/.exec(output)?.[1];
      if (found) resolve(found);
    });
  });
  const targets = (await (await fetch(`http://${address}/json`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')!.webSocketDebuggerUrl);
  await once(socket, 'open');
  let last = 0;
  // biome-ignore lint/suspicious/noExplicitAny: each method of the protocol has an answer of its own.
  function send(method: string, params: object = {}): Promise<any> {
    const id = ++last;
    const { promise, resolve, reject } = Promise.withResolvers();
    const listener = ({ data }: MessageEvent) => {
      const message = JSON.parse(data);
      if (message.id !== id) return;
      socket.removeEventListener('message', listener);
      if (message.error) reject(new Error(`${method}: ${message.error.message}`));
      else resolve(message.result);
    };
    socket.addEventListener('message', listener);
    socket.send(JSON.stringify({ id, method, params }));
    return promise;
  }
  async function run<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }
  async function until(expression: string): Promise<void> {
    for (const begun = Date.now(); !(await run(expression)); await new Promise((go) => setTimeout(go, 50)))
      if (Date.now() - begun > 60_000) throw new Error(`This did not come true: ${expression}`);
  }
  return {
    run,
    until,
    async press(key) {
      const code = { Tab: 9, Enter: 13, Escape: 27 }[key];
      const event = { key, code: key, windowsVirtualKeyCode: code, ...(key === 'Enter' && { text: '\r' }) };
      await send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    },
    async resize(width, height) {
      await send('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: width < 500,
      });
    },
    async scheme(value) {
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    },
    async open(url) {
      await send('Page.navigate', { url });
      await until(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`);
    },
    async picture() {
      const { data } = await send('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data, 'base64');
    },
    async stop() {
      const gone = once(browser, 'exit');
      browser.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
