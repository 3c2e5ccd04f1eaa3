// Both stacks of every environment and region; `-c environment=… -c region=…` takes one of them.
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdk from '../cdk.json' with { type: 'json' };
import { config, environments, oneOf, regions } from './config.ts';
import { ServiceStack, StorageStack } from './stacks.ts';

// `node cdk/app.ts` sees the same feature flags as the CDK CLI.
const app = new App({ context: cdk.context });
/** The tags of each stack and of every resource in it. */
const tags = { service: 'reports' };

const wanted = <T extends string>(name: string, values: readonly T[]) => {
  const value = app.node.tryGetContext(name);
  return value === undefined ? values : [oneOf(name, values, value)];
};
for (const environment of wanted('environment', environments)) {
  for (const region of wanted('region', regions)) {
    const name = `reports-${environment}`;
    const configuration = config(environment, region);
    const props = { env: { account: configuration.platform.account, region }, tags };
    const storage = new StorageStack(app, `${name}-storage-${region}`, configuration, {
      ...props,
      stackName: `${name}-storage`,
      description: 'Report service: files, topic and queues',
    });
    new ServiceStack(app, `${name}-${region}`, configuration, storage, {
      ...props,
      stackName: name,
      description: 'Report service: functions, state machines, and the pipes and rules that start them',
    });
  }
}
for (const [key, value] of Object.entries(tags)) Tags.of(app).add(key, value);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
