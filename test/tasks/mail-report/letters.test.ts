import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import errors from '../../../contract/errors.json' with { type: 'json' };
import type { Recipient } from '../../../tasks/lib/context.ts';
import { failedLetter } from '../../../tasks/mail-report/failed.ts';
import { finishedLetter, sendingOf } from '../../../tasks/mail-report/finished.ts';
import { templateData } from '../../../tasks/mail-report/letter.ts';
import { largestAttachment } from '../../../tasks/mail-report/limit.ts';
import { type Asked, failure, finishedReport } from '../../support/letters.ts';

const addresses = {
  downloadLink: 'https://app.example/reports/{reportType}/{jobId}/download',
  supportAddress: 'support@example.com',
};
const table = { columns: [], rows: [], lines: ['Group'] };
const requester: Recipient = { email: 'priya.raman@harlowpike.example', name: 'Priya Raman', outside: false };
const colleague: Recipient = { email: 'wei.zhang@harlowpike.example', name: 'Wei Zhang', outside: false };
const outsider: Recipient = { email: 'expert@consulting.example', name: '', outside: true };

function letterTo(recipient: Recipient, asked: Asked = {}) {
  const report = finishedReport(asked);
  return finishedLetter(report, recipient, sendingOf(recipient, report), addresses);
}

describe('A recipient', () => {
  it.each([
    ['the file', { mode: 'attachment' }, 'attachment', true, []],
    ['the file', { mode: 'attachment', file: { bytes: largestAttachment } }, 'attachment', true, []],
    [
      'a link',
      { mode: 'attachment', file: { bytes: largestAttachment + 1 } },
      'link',
      false,
      [/too large to attach/],
    ],
    ['a link', { mode: 'link' }, 'link', false, []],
    ['the rows', { mode: 'mail_body', table }, 'mail_body', false, []],
    ['a link', { mode: 'mail_body' }, 'link', false, [/table is too long/]],
    ['rows and file', { mode: 'mail_body', table, parameters: { attachCsv: true } }, 'mail_body', true, []],
    [
      'the file',
      { mode: 'mail_body', parameters: { attachCsv: true } },
      'attachment',
      true,
      [/table is too long/],
    ],
  ] as [string, Asked, string, boolean, RegExp[]][])(
    'gets %s when asked for %o',
    (_, asked, outcome, attach, notes) => {
      expect(sendingOf(colleague, finishedReport(asked))).toEqual({
        outcome,
        attach,
        notes: notes.map((note) => expect.stringMatching(note)),
      });
      // The button stays, unless the file itself is all that the mail brings.
      expect(letterTo(colleague, asked).button === undefined).toBe(outcome === 'attachment');
    },
  );

  it.each([
    { mode: 'attachment' },
    { mode: 'mail_body', table, parameters: { attachCsv: true } },
    { mode: 'link' },
  ] as Asked[])('outside the account gets a link and nothing of the report when asked for %o', (asked) => {
    expect(sendingOf(outsider, finishedReport(asked))).toEqual({ outcome: 'link', attach: false, notes: [] });
    expect(letterTo(outsider, asked).table).toBeNull();
  });
});

describe('The heading', () => {
  it('tells the requester that their report is ready, and others who sent it', () => {
    expect(letterTo(requester).heading).toBe('Your Transcript Metadata report is ready');
    expect(letterTo({ ...requester, email: requester.email.toUpperCase() }).heading).toMatch(/^Your /);
    for (const other of [colleague, outsider])
      expect(letterTo(other).heading).toBe('Priya Raman sent you a report: Transcript Metadata');
  });

  it('says that there were issues, and so does the subject, which starts with it', () => {
    const asked = { file: { issues: { key: 'k', name: 'issues.csv', cases: 2 } } };
    for (const recipient of [requester, colleague]) {
      const letter = letterTo(recipient, asked);
      expect(letter).toMatchObject({ heading: expect.stringContaining('with issues'), alarming: true });
      expect(templateData(letter, 'production').subject).toBe(`${letter.heading} - Müller v. Acme Pumps`);
    }
    expect(letterTo(requester, { file: { warnings: ['Routine.'] } }).alarming).toBe(false);
  });
});

describe('The words', () => {
  it('say until when the link works, in the zone of the report', () => {
    expect(letterTo(requester).paragraphs).toContain(
      'The link works until December 2, 2026, 12:30 PM Central. You will be asked to sign in.',
    );
  });

  it('are true for somebody who has no login', () => {
    const { paragraphs, help } = letterTo(outsider);
    expect(paragraphs.join(' ')).toContain('have no login, ask Priya Raman');
    expect(paragraphs.join(' ')).not.toContain('You will be asked');
    expect(help).toBe('Questions? Write to Priya Raman at priya.raman@harlowpike.example.');
    expect(letterTo(colleague).help).toBe(
      'Questions? Write to support@example.com and mention reference rpt-7.',
    );
  });

  it('say when a report has no rows, and give its size as people do', () => {
    expect(letterTo(requester, { file: { rows: 0 } }).paragraphs[0]).toBe(
      'Nothing matched, so the report has no rows.',
    );
    const facts = Object.fromEntries(letterTo(requester, { file: { bytes: 8_712_345 } }).facts);
    expect(facts).toMatchObject({
      File: 'report.csv (1,204 rows, 8.7 MB)',
      Requested: 'November 25, 2026, 12:30 PM Central',
      Reference: 'rpt-7',
    });
  });
});

describe('A scheduled report', () => {
  const slot = {
    cadence: 'Weekly',
    days: 'Nov 16 to 22',
    next: '2026-11-30T12:00:00Z' as string | null | undefined,
  };
  const mail = (recipient: Recipient, more: object = {}) =>
    letterTo(recipient, { context: { schedule: { ...slot, ...more } } });

  it('says so in the subject, with its days, so that each one is a thread of its own', () => {
    expect(templateData(mail(requester), 'production').subject).toBe(
      'Your Transcript Metadata report is ready - Weekly - Nov 16 to 22 - Müller v. Acme Pumps',
    );
  });

  it('says when the next one comes, and where to change or stop it', () => {
    expect(mail(requester).paragraphs.slice(1)).toEqual([
      'The next report comes on November 30, 2026, 6:00 AM Central.',
      'To change or stop this schedule, open Reports on the platform and choose the schedule.',
    ]);
    expect(mail(colleague).paragraphs.at(-1)).toBe(
      'To stop getting this report, ask Priya Raman, who scheduled it.',
    );
  });

  it('says when it was the last, and nothing of a time that is not known', () => {
    expect(mail(requester, { next: null }).paragraphs.at(-1)).toBe(
      'This was the last report of the schedule.',
    );
    expect(mail(requester, { next: undefined }).paragraphs.join()).not.toContain('next report');
  });
});

it('A name that the requester gave stands in heading, subject and nowhere outside the account', () => {
  const named = (recipient: Recipient) => {
    const { context } = finishedReport();
    return letterTo(recipient, { context: { report: { ...context.report, name: 'Time sheets' } } }).heading;
  };
  expect(named(requester)).toBe('Your “Time sheets” report is ready');
  expect(named(colleague)).toBe('Priya Raman sent you a report: “Time sheets”');
  expect(named(outsider)).toBe('Priya Raman sent you a report: Transcript Metadata');
});

describe('A mail about a failure', () => {
  it.each(Object.entries(errors))('%s is one or two plain sentences', (error) => {
    const data = templateData(failedLetter(failure({ error }), 'Pumps', addresses), 'production');
    const words = JSON.stringify({
      subject: data.subject,
      failure: data.failure,
      paragraphs: data.paragraphs,
    });
    expect(words).not.toMatch(/States\.|Lambda|parameters|[a-z]\.[a-z]|_|\{reference\}|reportType|case \d/);
    expect(data.subject).toBe('Your Transcript Metadata report could not be created - Pumps');
    expect(JSON.stringify(data.facts)).not.toContain(error);
  });

  it('of an unknown error has words too', () => {
    expect(failedLetter(failure({ error: 'Unheard' }), undefined, addresses).failure).toBe(
      errors['States.ALL'].cause,
    );
  });

  it('about a malformed request gives the reference, if there is one', () => {
    const words = (jobId: string | null) =>
      failedLetter(failure({ error: 'InvalidRequest', jobId }), undefined, addresses).failure;
    expect(words('rpt-7')).toBe('The request was incomplete. Support has the details under reference rpt-7.');
    expect(words(null)).toBe('The request was incomplete. Support has the details.');
  });

  it.each([null, 'deposition_search_docx', 'constructor', {}])(
    'on a report of type %o has a heading',
    (reportType) => {
      expect(failedLetter(failure({ reportType }), undefined, addresses).heading).toBe(
        'Your report could not be created',
      );
    },
  );

  it.each([
    [{ logType: 'privilege' }, 'Privilege Log'],
    [{ logType: 'constructor' }, 'Review Log'],
    [null, 'Review Log'],
  ])('has the title that a success would have: with %o, %s', (parameters, title) => {
    const { heading } = failedLetter(failure({ reportType: 'review_log', parameters }), undefined, addresses);
    expect(heading).toBe(`Your ${title} report could not be created`);
  });

  it('offers the link when only the delivery failed', () => {
    const { context, file } = finishedReport();
    const about = failure({ stage: 'delivery', error: 'MailNotAccepted', context, file });
    expect(failedLetter(about, 'Pumps', addresses)).toMatchObject({
      heading: 'Your Transcript Metadata report is ready but could not be emailed',
      button: { url: 'https://app.example/reports/transcript_metadata/rpt-7/download' },
      paragraphs: [expect.stringContaining('The link works until December 2, 2026, 12:30 PM Central.')],
    });
  });

  it('of a scheduled report says when the schedule has been stopped', () => {
    const paragraphs = (error: string) =>
      failedLetter(failure({ error, originalJobId: 'weekly' }), undefined, addresses).paragraphs.join();
    expect(paragraphs('AccessDenied')).toMatch(/schedule for this report has been stopped/);
    expect(paragraphs('DatabaseUnavailable')).toBe('');
  });
});

/** The variables of the template, in all branches. Lists have variables of their own, which do not count. */
function variablesOfTemplate(): Set<string> {
  const all = ['html', 'txt'].map((kind) => readFileSync(`emails/report.${kind}`, 'utf8')).join();
  const names = new Set<string>();
  let depth = 0;
  for (const [, block, name] of all.matchAll(/\{\{(#each|#if|\/each|\/if|else)? ?(\w+)?\}\}/g)) {
    if (block === '/each') depth--;
    if (name && depth === 0) names.add(name);
    if (block === '#each') depth++;
  }
  return names;
}

it('The template has a value for each variable, since SES drops a mail that lacks one', () => {
  const variables = [...variablesOfTemplate()];
  expect(variables).toEqual(expect.arrayContaining(['headingHtml', 'rows', 'notes', 'help']));
  for (const letter of [letterTo(requester), failedLetter(failure({}), undefined, addresses)])
    expect(Object.keys(templateData(letter, 'qa'))).toEqual(expect.arrayContaining(variables));
});

describe('A value of a mail', () => {
  const data = (heading: string) =>
    templateData({ ...letterTo(requester), heading, about: [] }, 'production');

  it('comes as text and escaped for HTML', () => {
    expect(data('A & B <b>"x"</b>')).toMatchObject({
      heading: 'A & B <b>"x"</b>',
      headingHtml: 'A &amp; B &lt;b&gt;&quot;x&quot;&lt;/b&gt;',
    });
  });

  it.each([
    ['a\nb', 'a; b'],
    ['a.\nb', 'a. b'],
    ['a\r\n\r\n  b', 'a; b'],
    ['a\rBcc: x@y.example', 'a; Bcc: x@y.example'],
    ['', ''],
    ['\r\n Acme \u2028', 'Acme'],
    ['a\u2028b\u2029c\u0085d\u000be', 'a; b; c; d; e'],
    ['a\u202ecod.exe\u2066\u200f', 'acod.exe'],
    ['a\u0000b\u0007c\u001bd\u009fe', 'abcde'],
    ['a  b\tc', 'a b c'],
  ])('%j is put on one line', (text, line) => {
    expect(data(text)).toMatchObject({ heading: line, headingHtml: line, subject: line });
  });
});

describe('The subject of a mail', () => {
  const subject = (heading: string, environment = 'production') =>
    templateData({ ...letterTo(requester), heading, about: [] }, environment).subject as string;

  it('speaks pirate outside production', () => {
    expect(subject('Your report is ready')).toBe('Your report is ready');
    expect(subject('Your report is ready', 'staging')).toBe('Ahoy! Yer report be ready');
  });

  it.each([
    [90, 90],
    [91, 90],
    [500, 90],
  ])('of %i characters has %i', (length, cut) => {
    expect(subject('x'.repeat(length))).toHaveLength(cut);
    expect(subject('x'.repeat(length)).endsWith('…')).toBe(length > 90);
  });
});
