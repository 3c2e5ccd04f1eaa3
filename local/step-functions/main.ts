// Starts Step Functions alone: node local/step-functions/main.ts [--port 8083] [--data <folder>]
import { parseArgs } from 'node:util';
import { startStepFunctions } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env.PORT ?? '8083' },
    data: { type: 'string' },
  },
});
const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
const accountId = process.env.AWS_ACCOUNT_ID;
const stepFunctions = await startStepFunctions({
  port: Number(values.port),
  ...(values.data && { data: values.data }),
  ...(region && { region }),
  ...(accountId && { accountId }),
});
console.log(`Step Functions listens on ${stepFunctions.endpoint}`);
console.log(`Try: aws stepfunctions list-state-machines --endpoint-url ${stepFunctions.endpoint}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stepFunctions.close());
