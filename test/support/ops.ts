import { clientConfiguration } from '../../local/aws/clients.ts';
import { run } from '../../ops/main.ts';
import type { TestStack } from './stack.ts';

// biome-ignore lint/suspicious/noExplicitAny: each command has JSON of its own.
type Json = any;

/** Runs a command of `npm run ops` on the stack: its exit code, what it printed, what it said beside that, and its JSON. */
export async function ops(stack: TestStack, ...args: string[]) {
  const said: string[] = [];
  const printed: string[] = [];
  const code = await run(args, {
    env: { REPORTS_ENVIRONMENT: 'development' },
    client: clientConfiguration(stack.endpoint, stack.credentials),
    out: (text) => printed.push(text),
    err: (text) => said.push(text),
  });
  const text = printed.join('\n');
  const json: Json = args.includes('--json') && text ? JSON.parse(text) : undefined;
  return { code, text, json, said: said.join('\n') };
}
