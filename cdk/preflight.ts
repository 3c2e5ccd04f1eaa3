// Looks at an AWS account before a deployment, changes nothing, and says what is missing and what to do about it:
// `npm run preflight -- --environment staging --region us-east-1`
import { parseArgs } from 'node:util';
import { CloudFormationClient, paginateListExports } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createConnection } from 'mysql2/promise';
import {
  type Config,
  config,
  environments,
  noAccount,
  oneOf,
  type Platform,
  type PlatformValue,
  regions,
} from './config.ts';

/** The answer to one question. `unknown` means that it cannot be answered from here. */
export interface Finding {
  state: 'ok' | 'missing' | 'unknown';
  subject: string;
  /** The finding and, unless all is well, the remedy. */
  text: string;
}

/** Functions that have no reserved concurrency must be left so much of the quota. */
const unreservedConcurrency = 100;
/** The version of the bootstrap stack that CDK needs for a deployment. */
const bootstrapVersion = 6;
const accessDenied = 1045;

/** Asks every question about the account of the credentials in use. Reads only. */
export async function preflight(configuration: Config): Promise<Finding[]> {
  const account = await accountFinding(configuration);
  // In another account, every other answer would mislead.
  if (account.state !== 'ok') return [account];
  const { values, findings } = await platformValues(configuration);
  const others = await Promise.all([
    bootstrapFinding(configuration),
    concurrencyFinding(configuration),
    ...senderFindings(configuration),
    topicFinding(configuration, values),
    secretFinding(configuration, values),
    proxyFinding(values),
  ]);
  return [account, ...findings, ...others.filter((finding) => finding !== undefined)];
}

const ok = (subject: string, text: string): Finding => ({ state: 'ok', subject, text });
const missing = (subject: string, text: string): Finding => ({ state: 'missing', subject, text });
const unknown = (subject: string, text: string): Finding => ({ state: 'unknown', subject, text });
const messageOf = (error: unknown) => (error as Error).message || (error as Error).name;

async function accountFinding({ environment, region, platform }: Config): Promise<Finding> {
  if (platform.account === noAccount)
    return missing('account', `Enter the AWS account of ${environment} under "accounts" in cdk/config.ts.`);
  try {
    const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand());
    return Account === platform.account
      ? ok('account', Account)
      : missing(
          'account',
          `Your credentials belong to ${Account}, but ${environment} is ${platform.account}. Use a profile of that account.`,
        );
  } catch (error) {
    return missing(
      'account',
      `There are no valid credentials: ${messageOf(error)}. Sign in, or set AWS_PROFILE.`,
    );
  }
}

type Values = Partial<Record<keyof Platform, string>>;

/** Looks up everything that the platform is to provide. */
async function platformValues({
  region,
  platform,
}: Config): Promise<{ values: Values; findings: Finding[] }> {
  const exports = new Map<string, string>();
  for await (const { Exports } of paginateListExports({ client: new CloudFormationClient({ region }) }, {}))
    for (const { Name, Value } of Exports ?? []) exports.set(Name!, Value!);
  const ssm = new SSMClient({ region });
  const lookUp = async (value: PlatformValue): Promise<string | undefined> => {
    if ('value' in value) return value.value;
    if ('export' in value) return exports.get(value.export);
    const found = await ssm.send(new GetParameterCommand({ Name: value.parameter })).catch(() => undefined);
    return found?.Parameter?.Value;
  };
  const { account, keys, ...provided } = platform;
  const named = Object.entries({ ...provided, ...keys }).flatMap(([name, value]) =>
    [value].flat().flatMap((each) => (each ? [[name, each] as const] : [])),
  );
  const values: Values = {};
  const findings: Finding[] = [];
  for (const [name, source] of named) {
    const value = await lookUp(source);
    const where =
      'export' in source
        ? `the export ${source.export}`
        : 'parameter' in source
          ? `the parameter ${source.parameter}`
          : 'cdk/config.ts';
    const subject = name in keys ? `key of the ${name}` : name;
    if (name in provided) values[name as keyof Platform] = value;
    findings.push(
      value === undefined
        ? missing(
            subject,
            `There is no ${where.replace('the ', '')}. Deploy the stack that provides it, or name another source in cdk/config.ts.`,
          )
        : ok(subject, `${value}, from ${where}`),
    );
  }
  return { values, findings };
}

async function bootstrapFinding({ region, platform }: Config): Promise<Finding> {
  const subject = 'CDK bootstrap';
  const Name = '/cdk-bootstrap/hnb659fds/version';
  const remedy = `Run npx cdk bootstrap aws://${platform.account}/${region}.`;
  const found = await new SSMClient({ region })
    .send(new GetParameterCommand({ Name }))
    .catch(() => undefined);
  const version = Number(found?.Parameter?.Value ?? 0);
  if (version === 0) return missing(subject, `The account is not bootstrapped in ${region}. ${remedy}`);
  return version < bootstrapVersion
    ? missing(subject, `Version ${version} is too old. ${remedy}`)
    : ok(subject, `version ${version}`);
}

async function concurrencyFinding({ region, concurrency, writerConcurrency }: Config): Promise<Finding> {
  const subject = 'Lambda concurrency';
  const { AccountLimit } = await new LambdaClient({ region }).send(new GetAccountSettingsCommand());
  const { ConcurrentExecutions: quota = 0, UnreservedConcurrentExecutions: unreserved = 0 } =
    AccountLimit ?? {};
  const needed = [...Object.values(concurrency), ...Object.values(writerConcurrency)].reduce(
    (sum, reserved) => sum + reserved,
  );
  return unreserved - needed < unreservedConcurrency
    ? missing(
        subject,
        `${unreserved} of ${quota} executions are not reserved. A first deployment reserves ${needed}, and Lambda keeps ` +
          `${unreservedConcurrency} free. Ask for a quota of ${quota + needed + unreservedConcurrency - unreserved} under Service Quotas. ` +
          'An account in which the service is deployed already needs nothing.',
      )
    : ok(subject, `${unreserved} of ${quota} executions are not reserved; the service reserves ${needed}`);
}

function senderFindings({ region, sender }: Config): Promise<Finding>[] {
  const ses = new SESv2Client({ region });
  const domain = sender.replace(/.*@/, '');
  // The address itself, its domain, or a parent domain may be verified.
  const parents = domain.split('.').map((_, index, labels) => labels.slice(index).join('.'));
  const identities = [sender, ...parents.filter((each) => each.includes('.'))];
  const verified = async (EmailIdentity: string) => {
    const found = await ses.send(new GetEmailIdentityCommand({ EmailIdentity })).catch(() => undefined);
    return found?.VerifiedForSendingStatus ? [EmailIdentity] : [];
  };
  return [
    Promise.all(identities.map(verified)).then(([...found]) => {
      const [identity] = found.flat();
      return identity
        ? ok('sender', `${sender}, verified as ${identity}`)
        : missing('sender', `SES may not send from ${sender}. Verify ${domain} as an identity in ${region}.`);
    }),
    ses
      .send(new GetAccountCommand())
      .then(({ ProductionAccessEnabled, SendingEnabled, EnforcementStatus }) => {
        if (!SendingEnabled)
          return missing(
            'SES account',
            `SES has paused this account (${EnforcementStatus}). Open its case in the SES console.`,
          );
        return ProductionAccessEnabled
          ? ok('SES account', 'out of the sandbox')
          : missing(
              'SES account',
              `In ${region} the account is in the sandbox, which sends to verified addresses only. Request production access.`,
            );
      }),
  ];
}

async function topicFinding(
  { region, platform }: Config,
  { topicArn }: Values,
): Promise<Finding | undefined> {
  if (!topicArn) return undefined;
  const subject = 'topic';
  try {
    const { Attributes } = await new SNSClient({ region }).send(
      new GetTopicAttributesCommand({ TopicArn: topicArn }),
    );
    return keyFinding(subject, 'topic', Attributes?.KmsMasterKeyId, platform);
  } catch (error) {
    return missing(subject, `${topicArn} cannot be read: ${messageOf(error)}`);
  }
}

async function secretFinding(
  { region, platform }: Config,
  { secretArn }: Values,
): Promise<Finding | undefined> {
  if (!secretArn) return undefined;
  const subject = 'secret';
  const secrets = new SecretsManagerClient({ region });
  try {
    const { KmsKeyId } = await secrets.send(new DescribeSecretCommand({ SecretId: secretArn }));
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return hasLogin(SecretString)
      ? keyFinding(subject, 'secret', KmsKeyId, platform)
      : missing(subject, 'It must be JSON with "username" and "password".');
  } catch (error) {
    return missing(subject, `${secretArn} cannot be read: ${messageOf(error)}`);
  }
}

/** Tells without quoting anything of the secret. */
function hasLogin(secret: string | undefined): boolean {
  try {
    const { username, password } = JSON.parse(secret!);
    return typeof username === 'string' && typeof password === 'string';
  } catch {
    return false;
  }
}

/** Compares the key in use with that of the configuration. Keys of AWS itself need no permission. */
function keyFinding(
  subject: string,
  name: 'topic' | 'secret',
  inUse: string | undefined,
  platform: Platform,
): Finding {
  const customerKey = inUse && !inUse.startsWith('alias/aws/') ? inUse : undefined;
  if (customerKey && !platform.keys[name])
    return missing(
      subject,
      `It is encrypted with the key ${customerKey}. Enter the key's ARN under keys.${name} in cdk/config.ts.`,
    );
  return ok(subject, customerKey ? `readable, encrypted with ${customerKey}` : 'readable');
}

/** Asks the proxy for its certificate, with a login that it must refuse. */
async function proxyFinding({ readerEndpoint }: Values): Promise<Finding | undefined> {
  if (!readerEndpoint) return undefined;
  const subject = 'database proxy';
  const [host, port = '3306'] = readerEndpoint.split(':');
  try {
    const connection = await createConnection({
      host,
      port: Number(port),
      user: 'preflight',
      password: '',
      ssl: { verifyIdentity: true },
      connectTimeout: 5_000,
    });
    connection.destroy();
    return missing(subject, 'It lets in a user without a password.');
  } catch (error) {
    const { errno, code } = error as NodeJS.ErrnoException;
    if (errno === accessDenied) return ok(subject, `${host} answers with a certificate of its name`);
    return /CERT|TLS|SSL|HANDSHAKE/i.test(`${code} ${messageOf(error)}`)
      ? missing(
          subject,
          `The certificate of ${host} does not fit: ${messageOf(error)}. Name the endpoint that the certificate names.`,
        )
      : unknown(
          subject,
          `${host} cannot be reached from here (${code}). Run this within the VPC to check its certificate.`,
        );
  }
}

/** The findings as a table, one line each. */
export function printed(findings: Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  return findings
    .map(({ state, subject, text }) => `${state.padEnd(7)}  ${subject.padEnd(width)}  ${text}`)
    .join('\n');
}

if (import.meta.main) {
  try {
    const { values } = parseArgs({
      options: { environment: { type: 'string' }, region: { type: 'string' } },
    });
    const findings = await preflight(
      config(oneOf('environment', environments, values.environment), oneOf('region', regions, values.region)),
    );
    console.log(printed(findings));
    const count = findings.filter(({ state }) => state === 'missing').length;
    console.log(
      count ? `\n${count} missing. Nothing was changed.` : '\nReady to deploy. Nothing was changed.',
    );
    if (count) process.exitCode = 1;
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
  }
}
