import { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { emails } from '../../local/database/seed.ts';
import type { TopicEvent } from '../../local/rails/rails.ts';
import type { Stack } from '../../local/stack.ts';
import {
  ask,
  cancel,
  ended,
  eventTypes,
  machineArn,
  mailsOf,
  redrive,
  searchHits,
  startTestStack,
  stateNames,
  statesEntered,
} from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());
afterEach(() => {
  stack.search.beforeTerm = undefined;
});

const terms = ['seal', 'pump*', 'seal AND pump', '(seal', '-pump', 'seal w/5 pump', 'nothing', ' seal '];

async function text(key: string): Promise<string> {
  const { Body } = await stack.clients.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: key }));
  return Body!.transformToString();
}

async function rowsOf({ eventDetail }: TopicEvent): Promise<string[][]> {
  return parse(await text(eventDetail.file.key), { bom: true });
}

it('first', async () => {
  const event = await ask(stack, await searchHits(stack, 'first', terms, { byCustodian: true, byMonth: true }));
  console.log(JSON.stringify(event, null, 1));
  console.log(await rowsOf(event));
});
