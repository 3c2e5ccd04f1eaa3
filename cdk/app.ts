// Both stacks of every environment and region; `-c environment=… -c region=…` takes one of them.
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { config, environments, regions } from './config.ts';
import { ServiceStack, StorageStack } from './stacks.ts';

const app = new App({
  context: {
    '@aws-cdk/core:enablePartitionLiterals': true,
    '@aws-cdk/aws-iam:minimizePolicies': true,
    '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  },
});
const wanted = <T>(name: string, values: readonly T[]) => {
  const value = app.node.tryGetContext(name);
  if (value !== undefined && !values.includes(value)) {
    throw new Error(`${name} "${value}" is unknown. Take one of ${values.join(', ')}.`);
  }
  return values.filter((known) => value === undefined || known === value);
};
for (const environment of wanted('environment', environments)) {
  for (const region of wanted('region', regions)) {
    const name = `reports-${environment}`;
    const props = { env: { region } };
    const configuration = config(environment, region);
    const storage = new StorageStack(app, `${name}-storage-${region}`, configuration, {
      ...props,
      stackName: `${name}-storage`,
      description: 'Report service: files, topic and queues',
    });
    new ServiceStack(app, `${name}-${region}`, configuration, storage, {
      ...props,
      stackName: name,
      description: 'Report service: functions, state machines and the ways between them',
    });
  }
}
Tags.of(app).add('service', 'reports');
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
