// `npm run ask`: asks the stack of `npm run local` for a report, as Rails would.
import { parseArgs } from 'node:util';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type Message, requestOf, requests } from '../contract/samples/index.ts';
import type { ReportType } from '../contract/types.ts';
import { attributesOf, runningStacks } from './running-stack.ts';

const types = [...new Set(Object.values(requests).map(({ eventDetail }) => eventDetail.reportType))].sort();
const usage = `Asks the stack of npm run local for a report.

  npm run ask -- <report type> [options]

  <report type>            ${types.join(', ').replace(/(.{50}\S*) /g, '$1\n                           ')}
  --case <id>              the case; by default that of the sample in contract/samples/requests/
  --format <format>        csv or xlsx
  --parameters <json>      in place of those of the sample
  --mode <mode>            attachment, link, mail_body or in_app
  --to <address,…>         recipients; the requester by default
  --zone <time zone>       such as America/Chicago
  --job <id>               the jobId; a new one by default
  --help                   prints this`;

const text = { type: 'string' } as const;

function read() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      case: text,
      format: text,
      parameters: text,
      mode: text,
      to: text,
      zone: text,
      job: text,
      help: { type: 'boolean', default: false },
    },
  });
  const [reportType] = positionals;
  if (values.help || !reportType) return undefined;
  if (!types.includes(reportType as ReportType)) throw new Error(`There is no report ${reportType}`);
  const { eventDetail, ...sample } = requestOf(reportType as ReportType);
  const parameters = values.parameters === undefined ? undefined : JSON.parse(values.parameters);
  const { delivery, parametersKey, ...detail } = eventDetail;
  return {
    ...sample,
    jobId: values.job ?? `ask-${Date.now().toString(36)}`,
    caseId: values.case === undefined ? sample.caseId : Number(values.case),
    timestamp: new Date().toISOString(),
    eventDetail: {
      ...detail,
      ...(parameters ? { parameters } : parametersKey && { parametersKey }),
      ...(values.format && { format: values.format }),
      ...(values.zone && { timeZone: values.zone }),
      delivery: {
        ...delivery,
        ...(values.mode && { mode: values.mode }),
        ...(values.to && { recipients: values.to.split(',') }),
      },
    },
  } as Message;
}

let message: Message | undefined;
try {
  message = read();
} catch (error) {
  console.error(`${(error as Error).message.split('\n')[0]}. See npm run ask -- --help`);
  process.exit(2);
}
if (!message) {
  console.log(usage);
  process.exit();
}
const stacks = await runningStacks();
if (stacks.length === 0) {
  console.error('No stack is running. Start one in another terminal: npm run local');
  process.exit(1);
}
const { endpoint, credentials, topicArn } = stacks.at(-1)!;
const sns = new SNSClient({ endpoint, region: 'us-east-1', credentials });
await sns.send(
  new PublishCommand({
    TopicArn: topicArn,
    Message: JSON.stringify(message),
    MessageAttributes: attributesOf(message),
  }),
);
console.log(
  `Asked for ${message.eventDetail.reportType} as ${message.jobId}. npm run local shows what comes of it.`,
);
