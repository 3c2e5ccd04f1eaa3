// `npm run local`: runs the whole report service on this machine until Ctrl-C.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { files, requestOf } from '../contract/samples/index.ts';
import { startConsole } from './console/console.ts';
import { narrate } from './narrate.ts';
import { publishCommand, stackFile } from './running-stack.ts';
import { type Stack, startStack } from './stack.ts';

const usage = `Runs the whole report service on this machine until Ctrl-C.

  npm run local -- [options]

  --gateway-port <port>          of all AWS services; a free port by default, as below
  --step-functions-port <port>   of Step Functions alone
  --console-port <port>          of the console page
  --inbox-port <port>            of the page that shows the mails
  --rails-port <port>            of the stand-in for Rails
  --wait-time-scale <factor>     0.01 makes waits and retry intervals a hundred times shorter; 1 by default
  --assembly <folder>            a cloud assembly to deploy; by default the CDK app is synthesized
  --help                         prints this`;

const text = { type: 'string' } as const;

function readOptions() {
  const { values } = parseArgs({
    options: {
      assembly: text,
      'console-port': text,
      'gateway-port': text,
      'inbox-port': text,
      'rails-port': text,
      'step-functions-port': text,
      'wait-time-scale': { ...text, default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  const port = (
    name: 'console-port' | 'gateway-port' | 'inbox-port' | 'rails-port' | 'step-functions-port',
  ) => {
    const number = values[name] === undefined ? undefined : Number(values[name]);
    if (number !== undefined && !(Number.isInteger(number) && number > 0 && number < 65_536))
      throw new Error(`--${name} ${values[name]} is not a port`);
    return number;
  };
  const waitTimeScale = Number(values['wait-time-scale']);
  if (!(waitTimeScale >= 0))
    throw new Error(`--wait-time-scale ${values['wait-time-scale']} is not a number`);
  return {
    help: values.help,
    waitTimeScale,
    assembly: values.assembly,
    consolePort: port('console-port'),
    ports: {
      gateway: port('gateway-port'),
      inbox: port('inbox-port'),
      rails: port('rails-port'),
      stepFunctions: port('step-functions-port'),
    },
  };
}

/** Ends the process with one line. */
function fail(line: string, code: number): never {
  console.error(`${line}. See npm run local -- --help`);
  process.exit(code);
}

let options: ReturnType<typeof readOptions>;
try {
  options = readOptions();
} catch (error) {
  fail((error as Error).message.split('\n')[0]!.replace(/\. To specify.*|\.$/, ''), 2);
}
if (options.help) {
  console.log(usage);
  process.exit();
}

let stack: Stack | undefined;
let page: Awaited<ReturnType<typeof startConsole>>;
try {
  stack = await startStack({ ...options, schedulesOnTime: true, onProgress: console.log });
  page = await startConsole(stack, options.consolePort);
} catch (error) {
  await stack?.stop();
  const port = /EADDRINUSE.*:(\d+)/.exec((error as Error).message)?.[1];
  if (!port) throw error;
  fail(`Port ${port} is in use`, 1);
}
// The files that the sample requests refer to.
for (const [Key, Body] of Object.entries(files))
  await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
const { credentials, database, endpoint } = stack;
const aws = `aws --endpoint-url ${endpoint} --region us-east-1`;
await writeFile(stackFile(stack.folder), JSON.stringify({ endpoint, credentials, topicArn: stack.topicArn }));

console.log(`
AWS              ${endpoint}, region us-east-1
Topic            ${stack.topicArn}
Bucket           ${stack.bucket}
Console          ${page.url}
Inbox            ${stack.inboxUrl}
Rails stand-in   ${stack.railsUrl}
Database         ${database.host}:${database.port}, user ${database.admin.user}, password ${database.admin.password}
Logs             ${stack.logFolder}

Ask for a report, in another terminal:

  npm run ask -- transcript_metadata --case 1001 --format xlsx

For npm run ops and the aws command line:

  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 REPORTS_ENVIRONMENT=development
  export AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}
  npm run ops -- list
  ${publishCommand(aws, stack.topicArn, requestOf('transcript_metadata'))}

See what came of it:

  ${aws} s3 ls s3://${stack.bucket} --recursive
  ${aws} stepfunctions list-executions \\
    --state-machine-arn ${stack.stateMachines['reports-development-transcript-metadata']}

Requests, events, files and mails appear below. Ctrl-C ends everything.
`);
narrate(stack);
