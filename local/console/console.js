// The console page. It asks its server once a second and redraws what has changed.
import { h, requestForm } from './form.js';

const $ = (selector) => document.querySelector(selector);
const signs = {
  running: '…',
  succeeded: '✓',
  caught: '↷',
  failed: '✗',
  timed_out: '✗',
  aborted: '■',
  pending_redrive: '…',
};
/** Events of a history that are shown, the last ones. */
const mostEvents = 500;

async function call(path, body) {
  const response = await fetch(
    path,
    body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  const text = await response.text();
  if (!response.ok)
    throw new Error(JSON.parse(text || '{}').message ?? `The stack answered ${response.status}.`);
  return text;
}

const problem = (message = '') => {
  if ($('#problem').textContent !== message) $('#problem').textContent = message;
};

// Drawing

const clock = (date) => new Date(date).toLocaleTimeString('en-GB');
const badge = (status, words = status) =>
  h('span', { class: `badge ${status.toLowerCase()}` }, `${signs[status.toLowerCase()] ?? ''} ${words}`);

function took(from, to) {
  if (!to) return '';
  const seconds = (new Date(to) - new Date(from)) / 1000;
  return seconds < 60
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function size(bytes) {
  return bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} KB`;
}

/** What can be unfolded; `key` says what it is when the page is drawn again. */
const fold = (key, summary, ...content) =>
  h('details', { 'data-key': key }, h('summary', {}, ...[summary].flat()), ...content);
const data = (name, text) =>
  text === undefined ? [] : [h('h4', {}, name), h('pre', { tabindex: 0 }, pretty(text))];

/** Replaces what an element holds. What was unfolded, scrolled or focused stays so. */
function redraw(element, ...children) {
  const keyOf = (each) => each?.closest?.('[data-key]')?.dataset.key;
  const open = new Set([...element.querySelectorAll('details[open]')].map(keyOf));
  const focused = element.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
  const top = element.scrollTop;
  element.replaceChildren(...children.flat().filter(Boolean));
  for (const each of element.querySelectorAll('details')) each.open ||= open.has(keyOf(each));
  const again = focused && element.querySelector(`[data-key="${CSS.escape(focused)}"]`);
  if (again) (again.querySelector('summary') ?? again).focus({ preventScroll: true });
  element.scrollTop = top;
}

function drawList({ executions, total, machines, files, inboxUrl }) {
  const machine = $('#filter [name=machine]');
  if (machine.options.length === 1) machine.append(...machines.map((name) => h('option', {}, name)));
  const rows = executions.map((one) =>
    h(
      'li',
      {},
      h(
        'a',
        { href: `#${one.arn}`, 'data-key': one.arn, 'aria-current': one.arn === chosen() && 'true' },
        badge(one.status),
        h('b', {}, one.machine),
        h('span', {}, one.job || one.name),
        h('time', {}, clock(one.startDate), one.redriveCount > 0 ? `, redriven ${one.redriveCount}×` : ''),
      ),
    ),
  );
  const more = total > rows.length && h('li', { class: 'quiet' }, `and ${total - rows.length} older ones`);
  redraw($('#list'), rows.length > 0 ? rows : h('li', { class: 'quiet' }, 'None.'), more);
  redraw(
    $('#files'),
    files.length === 0 && h('li', { class: 'quiet' }, 'None.'),
    files.map(({ key, bytes, at }) =>
      h(
        'li',
        {},
        h(
          'a',
          { href: `/file?key=${encodeURIComponent(key)}`, 'data-key': key, download: true },
          h('b', {}, key.split('/').at(-1)),
          h('span', {}, key.split('/').slice(0, -1).join('/')),
          h('time', {}, `${size(bytes)}, ${clock(at)}`),
        ),
      ),
    ),
  );
  const inbox = $('#inbox');
  // From then on, the inbox renews itself.
  if (!inbox.hasAttribute('src')) {
    inbox.src = inboxUrl;
    $('#inbox-link').replaceChildren(
      h('a', { href: inboxUrl, target: '_blank', rel: 'noopener' }, 'open in a tab'),
    );
  }
}

const graphs = new Map();

/** The graph of a machine, drawn by the server. */
async function graphOf(machine) {
  if (!graphs.has(machine)) {
    const text = await call(`/graph?machine=${encodeURIComponent(machine)}`);
    const svg = document.importNode(
      new DOMParser().parseFromString(text, 'image/svg+xml').documentElement,
      true,
    );
    svg.setAttribute('role', 'group');
    for (const group of svg.querySelectorAll('[data-state]')) {
      group.addEventListener('click', (event) => {
        event.stopPropagation();
        unfold(group.dataset.state);
      });
      group.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopPropagation();
        unfold(group.dataset.state);
      });
    }
    graphs.set(machine, svg);
  }
  return graphs.get(machine);
}

function colour(svg, visits) {
  const last = new Map(visits.map((visit) => [visit.state, visit]));
  for (const group of svg.querySelectorAll('[data-state]')) {
    const { state } = group.dataset;
    const { status } = last.get(state) ?? {};
    group.querySelector(':scope > .sign')?.remove();
    group.setAttribute('class', status ?? '');
    if (!status) {
      for (const name of ['tabindex', 'role', 'aria-label']) group.removeAttribute(name);
      continue;
    }
    for (const [name, value] of Object.entries({
      tabindex: 0,
      role: 'button',
      'aria-label': `${state}: ${status}`,
    }))
      group.setAttribute(name, value);
    const sign = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    sign.setAttribute('class', 'sign');
    sign.setAttribute('x', -4);
    sign.setAttribute('y', 6);
    sign.textContent = signs[status];
    group.append(sign);
  }
}

/** Shows the last stay in a state. */
function unfold(state) {
  const details = [...document.querySelectorAll('#visits details')].findLast(
    (each) => each.dataset.state === state,
  );
  if (!details) return;
  details.open = true;
  details.querySelector('summary').focus();
  details.scrollIntoView({ block: 'nearest' });
}

async function drawExecution(one) {
  const svg = await graphOf(one.machine);
  colour(svg, one.visits);
  const isRunning = one.status === 'RUNNING';
  const isChild = Boolean(one.parent);
  const act = (action) => async () => {
    problem();
    await call(`/api/${action}`, { arn: one.arn }).catch((error) => problem(error.message));
    await renew();
  };
  const visits = one.visits.map((visit) => {
    const details = fold(
      `visit ${visit.id}`,
      [
        badge(visit.status, visit.state),
        h('time', {}, took(visit.enteredAt, visit.endedAt), visit.retries > 0 ? ` ↻ ${visit.retries}` : ''),
      ],
      data('Error', visit.error),
      data('Cause', visit.cause),
      data('Input', visit.input),
      data('Output', visit.output),
    );
    details.dataset.state = visit.state;
    return details;
  });
  const events = one.steps
    .slice(-mostEvents)
    .map(({ id, type, at, state, details }) =>
      fold(
        `event ${id}`,
        [
          h('span', { class: 'number' }, String(id)),
          h('b', {}, type),
          h('span', {}, state ?? ''),
          h('time', {}, clock(at)),
        ],
        h('pre', { tabindex: 0 }, pretty(JSON.stringify(details ?? {}))),
      ),
    );
  const title = isChild ? `A child of ${one.machine}` : one.machine;
  redraw(
    $('#execution'),
    isChild &&
      h('p', {}, h('a', { href: `#${one.parent}`, 'data-key': 'parent' }, '← The execution of the Map Run')),
    h('h2', {}, title, ' ', badge(one.status)),
    h('p', { class: 'name' }, one.name),
    h(
      'p',
      { class: 'buttons' },
      isRunning &&
        !isChild &&
        h('button', { type: 'button', 'data-key': 'stop', click: act('stop') }, 'Stop'),
      !isRunning &&
        !isChild &&
        !one.notRedrivable &&
        h('button', { type: 'button', 'data-key': 'redrive', click: act('redrive') }, 'Redrive'),
      h(
        'span',
        { class: 'quiet' },
        `Started ${clock(one.startDate)}`,
        one.stopDate ? `, took ${took(one.startDate, one.stopDate)}` : '',
        one.redriveCount > 0 ? `, redriven ${one.redriveCount}×` : '',
      ),
    ),
    (one.error || one.cause) &&
      h('div', { class: 'failure' }, h('b', {}, one.error ?? ''), h('pre', {}, causeOf(one.cause))),
    one.mapRuns.map(drawMapRun),
    h('div', { class: 'graph', 'data-key': 'graph' }, svg),
    h('h3', {}, 'States'),
    h('div', { id: 'visits', class: 'folds' }, visits),
    fold('input', 'Input and output of the execution', data('Input', one.input), data('Output', one.output)),
    one.events.length > 0 && [
      h('h3', {}, 'Events to Rails'),
      h('div', { class: 'folds' }, one.events.map(drawEvent)),
    ],
    fold('history', `History, ${one.steps.length} events`, h('div', { class: 'folds history' }, events)),
  );
}

/** The message of a function's error, without its stack trace. */
function causeOf(cause = '') {
  try {
    return JSON.parse(cause).errorMessage ?? pretty(cause);
  } catch {
    return cause;
  }
}

function drawMapRun({ status, counts, children, redriveCount }, index) {
  const shown = ['succeeded', 'running', 'pending', 'failed', 'timedOut', 'aborted'];
  const share = (name) => h('span', { class: name, style: undefined, 'data-share': counts[name] });
  const bar = h(
    'div',
    { class: 'bar', 'aria-hidden': 'true' },
    shown.filter((name) => counts[name] > 0).map(share),
  );
  for (const part of bar.children) part.style.flexGrow = part.dataset.share;
  return h(
    'div',
    { class: 'map-run' },
    h(
      'h3',
      {},
      'Map Run ',
      badge(status),
      redriveCount > 0 ? h('small', {}, ` redriven ${redriveCount}×`) : '',
    ),
    bar,
    h(
      'p',
      {},
      `${counts.total} children: `,
      shown
        .filter((name) => counts[name] > 0)
        .map((name) => `${counts[name]} ${name === 'timedOut' ? 'timed out' : name}`)
        .join(', ') || 'none yet',
    ),
    fold(
      `children ${index}`,
      `The ${children.length} newest children, failed ones first`,
      h(
        'ul',
        { class: 'list children' },
        children.map(({ arn, name, status }) =>
          h('li', {}, h('a', { href: `#${arn}`, 'data-key': arn }, badge(status), h('span', {}, name))),
        ),
      ),
    ),
  );
}

function drawEvent({ eventType, eventDetail, ...more }) {
  const { cause, message, occurredAt } = eventDetail;
  const text = cause ?? message;
  return fold(
    `${eventType} ${occurredAt}`,
    [
      h('b', {}, eventType),
      h('time', {}, occurredAt ? clock(occurredAt) : ''),
      text ? h('span', { class: 'cause' }, text) : '',
    ],
    h('pre', { tabindex: 0 }, pretty(JSON.stringify({ eventType, ...more, eventDetail }))),
  );
}

// Renewing

/** The ARN of the execution that the address names. */
const chosen = () => decodeURIComponent(location.hash.slice(1));
const drawn = {};

/** Draws an answer if it is not the one that is drawn already. */
async function drawIfNew(name, text, draw) {
  if (drawn[name] === text) return;
  drawn[name] = text;
  await draw(JSON.parse(text));
}

let renewing = Promise.resolve();

/** Renews the page, one time after the other. */
function renew() {
  renewing = renewing.then(async () => {
    try {
      const arn = chosen();
      const query = new URLSearchParams(new FormData($('#filter')));
      const [list, execution] = await Promise.all([
        call(`/api/executions?${query}`),
        arn && call(`/api/execution?arn=${encodeURIComponent(arn)}`),
      ]);
      await drawIfNew('list', list, drawList);
      if (execution && arn === chosen()) await drawIfNew('execution', execution, drawExecution);
      if (lost) problem();
      lost = false;
    } catch (error) {
      lost = true;
      problem(error instanceof TypeError ? 'The stack does not answer.' : error.message);
    }
  });
  return renewing;
}
let lost = false;

async function keepRenewing() {
  if (!document.hidden) await renew();
  setTimeout(keepRenewing, 1000);
}

$('#filter').addEventListener('input', renew);
$('#filter').addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', async () => {
  delete drawn.list;
  await renew();
  $('#execution').focus({ preventScroll: true });
  $('#execution').scrollIntoView({ block: 'start' });
});

// Asking for a report

let form;
let answered;

function drawForm({ schema, samples }) {
  const choice = $('#request [name=sample]');
  choice.replaceChildren(...Object.keys(samples).map((name) => h('option', {}, name)));
  const start = () => {
    form = requestForm(schema, samples[choice.value]);
    $('#fields').replaceChildren(form.element);
    $('#answer').replaceChildren();
  };
  choice.value = 'transcript-metadata';
  choice.addEventListener('change', start);
  start();
}

/** Shows what the service answers, until it has taken or refused the request. */
async function showAnswers(jobId) {
  const isShown = () => answered === jobId && $('#dialog').open;
  while (isShown()) {
    const events = JSON.parse(await call(`/api/events?job=${encodeURIComponent(jobId)}`));
    if (!isShown()) return;
    const end = events.find(({ eventType }) => /COMPLETED|FAILED|REFUSED|CANCELLED|SCHEDULE/.test(eventType));
    if (end) {
      const { cause, message, executionArn } = end.eventDetail;
      const isGood = /COMPLETED|SCHEDULE/.test(end.eventType);
      redraw(
        $('#answer'),
        h(
          'div',
          { class: isGood ? 'note' : 'failure' },
          h('b', {}, `${end.eventType} ${jobId}`),
          h('pre', {}, cause ?? message ?? ''),
        ),
        executionArn
          ? h('a', { href: `#${executionArn}`, click: () => $('#dialog').close() }, 'Show the execution')
          : '',
      );
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

$('#ask').addEventListener('click', async () => {
  $('#dialog').showModal();
  if (!form) drawForm(JSON.parse(await call('/api/form')));
});
$('#close').addEventListener('click', () => $('#dialog').close());
$('#request').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    const message = form.read();
    await call('/api/ask', message);
    answered = message.jobId;
    redraw($('#answer'), h('p', { class: 'note' }, `Asked as ${message.jobId}. Waiting for the service.`));
    form.setJob(`ask-${Date.now().toString(36)}`);
    const filter = $('#filter');
    filter.reset();
    filter.job.value = message.jobId ?? '';
    await renew();
    await showAnswers(message.jobId);
  } catch (error) {
    redraw($('#answer'), h('p', { class: 'failure' }, error.message));
  }
});

void keepRenewing();
