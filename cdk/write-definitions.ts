// Writes the finished definitions into a folder, so that AWS can validate them before any deployment (docs/operations.md):
// `npm run definitions -- --environment production --region us-east-1 --folder definitions`, which are the defaults.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Arns } from './arns.ts';
import {
  type Config,
  config,
  type Environment,
  environments,
  nameOf,
  oneOf,
  type Region,
  regions,
} from './config.ts';
import { type Deployed, definition, fill, substitutions } from './definitions.ts';
import { type Machine, machines } from './machines.ts';

/** The definition with placeholders of the right form, of an account that is nobody's, for what CloudFormation knows. */
export function finishedDefinition(machine: Machine, config: Config): string {
  const text = definition(machine, config);
  const values = substitutions(machine, text, placeholders(config));
  return fill(text, (name) => values[name]);
}

function placeholders(config: Config): Deployed {
  const account = '123456789012';
  const arns = new Arns(config, account);
  return {
    arns,
    functionArn: (task) => arns.of('lambda', `function:${nameOf(config, task)}`),
    topicArn: arns.of('sns', nameOf(config, 'events')),
    intakeQueueArn: arns.of('sqs', nameOf(config, 'intake')),
    schedulerRoleArn: `arn:aws:iam::${account}:role/${nameOf(config, 'scheduler')}`,
    scheduleDeadLettersArn: arns.of('sqs', nameOf(config, 'schedule-dead-letters')),
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      environment: { type: 'string', default: 'production' satisfies Environment },
      region: { type: 'string', default: 'us-east-1' satisfies Region },
      folder: { type: 'string', default: 'definitions' },
    },
  });
  const configuration = config(
    oneOf('environment', environments, values.environment),
    oneOf('region', regions, values.region),
  );
  for (const machine of Object.keys(machines) as Machine[]) {
    const folder = join(values.folder, machines[machine].express ? 'EXPRESS' : 'STANDARD');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${machine}.asl.json`), finishedDefinition(machine, configuration));
  }
  console.log(`${Object.keys(machines).length} definitions are in ${values.folder}.`);
}
