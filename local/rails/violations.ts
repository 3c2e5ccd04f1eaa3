import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';

/** An event of the service that breaks the contract. */
export interface Violation {
  event: Record<string, unknown>;
  problems: string[];
}

const schema = JSON.parse(readFileSync(new URL('../../contract/event.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2019({ allErrors: true, strict: false }).compile(schema);

/** Checks the event in the body of a Publish request. Returns undefined if the event keeps the contract. */
export function violationOf(publish: string): Violation | undefined {
  const parameters = new URLSearchParams(publish);
  const event = JSON.parse(parameters.get('Message') ?? '{}');
  validate(event);
  const problems = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  // Subscriptions filter by the attributes, so these must agree with the event.
  const attributes = messageAttributes(parameters);
  for (const name of ['eventType', 'caseId'])
    if (attributes[name] !== event[name]?.toString())
      problems.push(
        `the message attribute ${name} is ${attributes[name]}, in the event it is ${event[name]}`,
      );
  return problems.length > 0 ? { event, problems } : undefined;
}

function messageAttributes(parameters: URLSearchParams): Record<string, string | undefined> {
  const names = [...parameters].filter(([key]) => /^MessageAttributes\.entry\.\d+\.Name$/.test(key));
  return Object.fromEntries(
    names.map(([key, name]) => [
      name,
      parameters.get(key.replace(/Name$/, 'Value.StringValue')) ?? undefined,
    ]),
  );
}
