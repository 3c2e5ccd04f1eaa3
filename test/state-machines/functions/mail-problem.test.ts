import { expect, it } from 'vitest';
import eventSchema from '../../../contract/event.schema.json' with { type: 'json' };
import { call } from './call.ts';

const mail = { destination: ['a@b.example'], messageId: 'm-1' };

it.each([
  ['Bounce', 'bounce', 'The mail bounced'],
  ['Complaint', 'complaint', 'spam'],
  ['Reject', 'reject', 'virus'],
  ['Rendering Failure', 'rendering_failure', 'could not be rendered'],
])('of a %s is a %s of one recipient', async (type, kind, words) => {
  expect(await call('MailProblem', [type, mail])).toEqual({
    kind,
    recipient: 'a@b.example',
    messageId: 'm-1',
    cause: expect.stringContaining(words),
  });
  expect(eventSchema.$defs.DeliveryProblem.properties.kind.enum).toContain(kind);
});
