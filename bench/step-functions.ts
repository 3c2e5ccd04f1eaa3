// Measures the overhead of the local Step Functions: `node bench/step-functions.ts [children]`.
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { startStepFunctions } from '../local/step-functions/server.ts';

const children = Number(process.argv[2] ?? 10_000);
const chain = 2000;
const megabytes = () => Math.round(process.memoryUsage.rss() / 2 ** 20);

let ended = () => {};
const server = await startStepFunctions({
  onStatusChange: ({ detail }) => {
    if (detail.status !== 'RUNNING' && !detail.stateMachineArn.includes('/')) ended();
  },
});
const client = new SFNClient({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const roleArn = 'arn:aws:iam::123456789012:role/bench';

/** Runs one execution of these states. Returns its milliseconds and the peak of memory in megabytes. */
async function run(name: string, states: object, input: unknown) {
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: Object.keys(states)[0],
    States: states,
  });
  const machine = await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, megabytes());
  }, 20);
  const begun = performance.now();
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const { stateMachineArn } = machine;
  const started = await client.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  await end;
  const milliseconds = performance.now() - begun;
  clearInterval(watch);
  const { status, cause } = await client.send(
    new DescribeExecutionCommand({ executionArn: started.executionArn }),
  );
  if (status !== 'SUCCEEDED') throw new Error(`${name} ended ${status}: ${cause}`);
  return { milliseconds, megabytes: Math.max(most, megabytes()) };
}

const passes = (Output: unknown) =>
  Object.fromEntries(
    Array.from({ length: chain }, (_, i) => [
      `P${i}`,
      { Type: 'Pass', Output, ...(i + 1 < chain ? { Next: `P${i + 1}` } : { End: true }) },
    ]),
  );

const distributed = (ExecutionType: string) => ({
  Each: {
    Type: 'Map',
    Items: `{% [1..${children}] %}`,
    ItemSelector: { item: '{% $states.context.Map.Item.Value %}', prefix: '{% $states.input.prefix %}' },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
      StartAt: 'Twice',
      States: { Twice: { Type: 'Pass', Output: '{% $states.input.item * 2 %}', End: true } },
    },
    End: true,
  },
});

const input = { id: 'rpt-1', rows: 12, columns: ['name', 'date'] };
const emptyLoop = () => {
  const begun = performance.now();
  for (let i = 0; i < chain; i++) JSON.parse(JSON.stringify(input));
  return performance.now() - begun;
};

console.log(`idle: ${megabytes()} MB`);
await run('warm-up', passes('{% $states.input %}'), input);
const loop = emptyLoop() / chain;
for (const [name, Output] of [
  ['literal', input],
  ['expression', '{% $states.input %}'],
] as const) {
  const { milliseconds } = await run(name, passes(Output), input);
  const each = milliseconds / chain;
  const ratio = Math.round(each / loop);
  console.log(`a state with ${name}: ${each.toFixed(3)} ms (copying its input as JSON, ${ratio} times)`);
}
for (const type of ['STANDARD', 'EXPRESS']) {
  const { milliseconds, megabytes } = await run(type, distributed(type), { prefix: 'reports/' });
  const each = (milliseconds / children).toFixed(3);
  console.log(
    `${children} ${type} children: ${(milliseconds / 1000).toFixed(1)} s, ${each} ms each, ${megabytes} MB at most`,
  );
}
client.destroy();
await server.close();
