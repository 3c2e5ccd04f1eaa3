import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';

/** An event of the service that breaks the contract. */
export interface Violation {
  event: Record<string, unknown>;
  problems: string[];
}

const schema = JSON.parse(readFileSync(new URL('../../contract/event.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2019({ allErrors: true, strict: false }).compile(schema);

/** Checks what the service publishes, given the body of the Publish request; undefined when it keeps the contract. */
export function violationOf(publish: string): Violation | undefined {
  const parameters = new URLSearchParams(publish);
  const event = JSON.parse(parameters.get('Message') ?? '{}');
  validate(event);
  const problems = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  // What subscriptions filter by has to say the same as the event.
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
