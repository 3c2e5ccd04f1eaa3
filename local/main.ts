// `npm run local`: the stack, left running until Ctrl-C.
import { parseArgs } from 'node:util';
import { startStack } from './stack.ts';

const { values } = parseArgs({
  options: {
    'gateway-port': { type: 'string' },
    'inbox-port': { type: 'string' },
    'rails-port': { type: 'string' },
    'step-functions-port': { type: 'string' },
    'wait-time-scale': { type: 'string', default: process.env.WAIT_TIME_SCALE ?? '1' },
  },
});
const port = (name: 'gateway-port' | 'inbox-port' | 'rails-port' | 'step-functions-port') =>
  values[name] === undefined ? undefined : Number(values[name]);

const stack = await startStack({
  waitTimeScale: Number(values['wait-time-scale']),
  ports: {
    gateway: port('gateway-port'),
    inbox: port('inbox-port'),
    rails: port('rails-port'),
    stepFunctions: port('step-functions-port'),
  },
  onProgress: console.log,
});
const { host, port: databasePort, service } = stack.database;
const request = {
  source: 'rails',
  eventType: 'REPORT_REQUESTED',
  jobId: 'rpt-1',
  caseId: 1001,
  batchId: null,
  status: 'SUCCESS',
  timestamp: new Date().toISOString(),
  eventDetail: {
    reportType: 'transcript_metadata',
    requestedBy: { userId: 2, email: 'priya.raman@harlowpike.example' },
  },
};
const router = stack.stateMachines['reports-development-transcript-metadata'];

console.log(`
AWS      ${stack.endpoint}   (S3, SNS, SQS, SES, Lambda, Step Functions, Secrets Manager)
Mails    ${stack.inboxUrl}
Rails    ${stack.railsUrl}   (stand-in for the download route)
MariaDB  mysql --host=${host} --port=${databasePort} --user=${service.user} --password=${service.password} nextpoint

export AWS_ENDPOINT_URL=${stack.endpoint} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=${stack.credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${stack.credentials.secretAccessKey}

# Ask for a report, as Rails does; another one needs another jobId
aws sns publish --topic-arn ${stack.topicArn} \\
  --message-attributes '{"eventType":{"DataType":"String","StringValue":"REPORT_REQUESTED"}}' \\
  --message '${JSON.stringify(request)}'

# See how it went
aws stepfunctions list-executions --state-machine-arn ${router}
aws stepfunctions get-execution-history --execution-arn ${router?.replace(':stateMachine:', ':execution:')}:rpt-1
aws s3 ls --recursive s3://${stack.bucket}

Ctrl-C ends it and removes everything.`);
