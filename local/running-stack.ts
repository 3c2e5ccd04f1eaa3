// The way from a command in another terminal to the stack that runs.
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '../contract/samples/index.ts';
import type { Credentials } from './aws/access/authorization.ts';
import { isDataFolderOfLiving } from './data-folder.ts';

/** The facts that `npm run local` leaves for other commands. */
export type RunningStack = { endpoint: string; credentials: Credentials; topicArn: string };

/** The file that says where a stack runs. */
export function stackFile(folder: string): string {
  return join(folder, 'stack.json');
}

/** The stacks of `npm run local` that run on this machine. */
export async function runningStacks(): Promise<RunningStack[]> {
  const folders = (await readdir(tmpdir())).filter(isDataFolderOfLiving);
  const texts = folders.map((name) =>
    readFile(stackFile(join(tmpdir(), name)), 'utf8').catch(() => undefined),
  );
  return (await Promise.all(texts)).flatMap((text) => (text ? JSON.parse(text) : []));
}

/** The attributes that Rails gives a message. */
export function attributesOf({ eventType, caseId }: Pick<Message, 'eventType' | 'caseId'>) {
  const attribute = (value: unknown) => ({ DataType: 'String', StringValue: String(value) });
  return { eventType: attribute(eventType), ...(caseId !== null && { caseId: attribute(caseId) }) };
}

/** The command that publishes a message, for a shell. Also versions that ignore AWS_ENDPOINT_URL reach the stack. */
export function publishCommand(aws: string, topicArn: string, message: Message): string {
  const quoted = (value: object) => `'${JSON.stringify(value).replaceAll("'", `'\\''`)}'`;
  return `${aws} sns publish --topic-arn ${topicArn} \\
    --message-attributes ${quoted(attributesOf(message))} \\
    --message ${quoted(message)}`;
}
