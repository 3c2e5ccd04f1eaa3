import { expect, it } from 'vitest';
import { call } from './call.ts';

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

it('has the type of the event and its case', async () => {
  expect(await call('Attributes', ['REPORT_STARTED', { caseId: 1001 }])).toEqual({
    eventType: text('REPORT_STARTED'),
    caseId: text('1001'),
  });
});

it.each([[undefined], [null], [0], [-1], [1.5], ['1001'], [{}]])(
  'has no case for the id %o',
  async (caseId) => {
    expect(await call('Attributes', ['REPORT_STARTED', { caseId }])).toEqual({
      eventType: text('REPORT_STARTED'),
    });
  },
);

it('has no case for what is no request', async () => {
  expect(await call('Attributes', ['REPORT_REFUSED', null])).toEqual({ eventType: text('REPORT_REFUSED') });
});
