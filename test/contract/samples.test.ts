import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../cdk/machines.ts';
import {
  cancel,
  events,
  type Message,
  requests,
  scheduleDeletion,
  storedParameters,
} from '../../contract/samples/index.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const schemas = Object.fromEntries(
  ['request', 'cancel', 'event'].map((name) => [name, JSON.parse(read(`contract/${name}.schema.json`))]),
);
const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(schemas.request);
const isRequest = ajv.getSchema(schemas.request.$id)!;
const isCancel = ajv.compile(schemas.cancel);
const isEvent = new Ajv2019({ strict: false }).compile(schemas.event);
const { ReportType, DeliveryMode } = schemas.request.$defs;
const asked = Object.values(requests);

describe('A sample request', () => {
  it.each(Object.entries(requests))('keeps the contract: %s', (_, { jobId, caseId, eventDetail }) => {
    expect(isRequest({ jobId, caseId, eventDetail }), JSON.stringify(isRequest.errors)).toBe(true);
  });

  it.each(Object.entries(requests))(
    'is called by its report type, and its job by the sample: %s',
    (name, message) => {
      expect(name).toMatch(new RegExp(`^${message.eventDetail.reportType.replaceAll('_', '-')}(-|$)`));
      expect(message.jobId).toBe(`rpt-${name}`);
    },
  );

  it.each(Object.keys(machineOf))('is there for the report type %s', (reportType) => {
    expect(ReportType.enum).toContain(reportType);
    expect(Object.keys(requests)).toContain(reportType.replaceAll('_', '-'));
  });

  it.each<string>(DeliveryMode.enum)('is there for the delivery mode %s', (mode) => {
    expect(asked.map(({ eventDetail }) => eventDetail.delivery?.mode)).toContain(mode);
  });

  it('is there for a schedule and for parameters on S3, whose file is a sample too', () => {
    expect(asked.some(({ eventDetail }) => eventDetail.schedule)).toBe(true);
    const keys = asked.map(({ eventDetail }) => eventDetail.parametersKey).filter((key) => key != null);
    expect(keys.map((key) => key.split('/').at(-1))).toEqual(
      Object.keys(storedParameters).map((name) => `${name}.json`),
    );
  });
});

describe('Stored parameters', () => {
  it.each(Object.entries(storedParameters))('are what their report takes: %s', (name, parameters) => {
    const { jobId, caseId, eventDetail } = requests[name]!;
    const whole = { jobId, caseId, eventDetail: { ...eventDetail, parameters } };
    expect(isRequest(whole), JSON.stringify(isRequest.errors)).toBe(true);
  });
});

describe('The samples of other messages', () => {
  it('cancel a sample report', () => {
    expect([isCancel(cancel), isCancel({ ...cancel, jobId: '../any' })]).toEqual([true, false]);
    expectToName(cancel, asked);
  });

  it('delete a sample schedule', () => {
    expect(scheduleDeletion.eventType).toBe('REPORT_SCHEDULE_DELETED');
    expectToName(
      scheduleDeletion,
      asked.filter(({ eventDetail }) => eventDetail.schedule),
    );
  });

  function expectToName({ jobId, caseId, eventDetail: { reportType } }: Message, messages: Message[]) {
    const names = messages.map((message) => [message.jobId, message.caseId, message.eventDetail.reportType]);
    expect(names).toContainEqual([jobId, caseId, reportType]);
  }
});

describe('A sample event', () => {
  it.each(Object.entries(events))('keeps the contract: %s', (_, event) => {
    expect(isEvent(event), JSON.stringify(isEvent.errors)).toBe(true);
  });

  it('is there for each event type, under its name, and for a dry run', () => {
    const types: string[] = schemas.event.properties.eventType.enum;
    const nameOf = (type: unknown) => String(type).toLowerCase().replaceAll('_', '-');
    const dryRun = 'report-completed-dry-run';
    expect(Object.keys(events).sort()).toEqual([...types.map(nameOf), dryRun].sort());
    for (const [name, { eventType }] of Object.entries(events))
      expect(name === dryRun ? 'report-completed' : name).toBe(nameOf(eventType));
  });
});

describe('A sample in the documentation', () => {
  // A link to the sample, followed by its JSON.
  const pages = readdirSync('docs').filter((name) => name.endsWith('.md'));
  const blocks = pages.flatMap((page) =>
    [
      ...read(`docs/${page}`).matchAll(
        /(?:\(\.\.\/(contract\/samples\/[^)]+)\)[^\n]*\n\n)?```json\n(.*?)\n```/gs,
      ),
    ].map(([, file = `a sample of contract/samples/ in ${page}`, text]) => [file, text!] as const),
  );

  it.each(blocks)('is quoted as it is: %s', (file, text) => {
    expect(JSON.parse(text)).toEqual(JSON.parse(read(file)));
  });

  it('is quoted for Rails developers: a request, its cancel, its events', () => {
    expect(blocks.map(([file]) => file)).toEqual(
      expect.arrayContaining(
        ['requests/page-count', 'cancel', 'events/report-completed', 'events/report-failed'].map(
          (name) => `contract/samples/${name}.json`,
        ),
      ),
    );
  });
});
