// `npm run local`: runs the whole report service on this machine until Ctrl-C.
import { parseArgs } from 'node:util';
import { startStack } from './stack.ts';

const { values } = parseArgs({
  options: {
    assembly: { type: 'string' },
    'gateway-port': { type: 'string' },
    'inbox-port': { type: 'string' },
    'rails-port': { type: 'string' },
    'step-functions-port': { type: 'string' },
    'wait-time-scale': { type: 'string', default: '1' },
  },
});
const port = (text?: string) => (text === undefined ? undefined : Number(text));

const stack = await startStack({
  waitTimeScale: Number(values['wait-time-scale']),
  schedulesOnTime: true,
  assembly: values.assembly,
  ports: {
    gateway: port(values['gateway-port']),
    inbox: port(values['inbox-port']),
    rails: port(values['rails-port']),
    stepFunctions: port(values['step-functions-port']),
  },
  onProgress: console.log,
});
const { credentials, database, endpoint } = stack;
console.log(`
AWS              ${endpoint}, region us-east-1
Topic            ${stack.topicArn}
Bucket           ${stack.bucket}
Inbox            ${stack.inboxUrl}
Rails stand-in   ${stack.railsUrl}
Database         ${database.host}:${database.port}, user ${database.admin.user}, password ${database.admin.password}

For the aws command line and npm run ops:

  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 REPORTS_ENVIRONMENT=development
  export AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}
  aws s3 ls s3://${stack.bucket} --recursive
  aws stepfunctions list-executions --state-machine-arn ${Object.values(stack.stateMachines)[1]}
  npm run ops -- list

Ctrl-C ends everything.`);
