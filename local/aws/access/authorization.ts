import { runSimulation } from '@cloud-copilot/iam-simulate';
import { pseudoParameters } from '../template/intrinsics.ts';
import { arn } from '../template/resource-types.ts';
import type { Resource } from '../template/resources.ts';

/** Access keys as an SDK client takes them. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** One permission that a call needs. */
export interface Permission {
  action: string;
  resource: string;
  /** Context keys of the request, beside those that every request has. */
  context?: Record<string, string | string[]>;
}

/** A policy as CDK writes it: its statements are always a list. */
interface PolicyDocument {
  Version: string;
  Statement: {
    Effect: 'Allow' | 'Deny';
    Action: string | string[];
    Resource: string | string[];
    Condition?: Record<string, object>;
  }[];
}

/** Who signs a request: a role of the template, or the administrator. */
export interface Principal {
  name: string;
  arn: string;
  credentials: Credentials;
  policies: { name: string; policy: PolicyDocument }[];
}

/** What IAM says to a permission. */
export type Decision = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** One action that a role is allowed on one resource, as its policies spell them: both may hold wildcards. */
export interface Grant {
  role: string;
  action: string;
  resource: string;
}

/** Says who calls, and whether they may. */
export interface Authorization {
  administrator: Principal;
  grants: Grant[];
  /** The principal of a role, by the role's ARN. */
  role(roleArn: string, service: string): Principal;
  /** The principal that an access key belongs to. */
  identify(accessKeyId: string): Principal | undefined;
  decide(principal: Principal, permission: Permission): Promise<Decision>;
}

const accountId = pseudoParameters['AWS::AccountId'];

// What the evaluator is told. A policy that asks for another key would be decided wrongly, so it is refused.
const knownContextKeys = [
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:RequestedRegion',
  'aws:ResourceAccount',
  'aws:SecureTransport',
  'iam:PassedToService',
  's3:delimiter',
  's3:prefix',
  's3:signatureAge',
  'ses:FromAddress',
  'ses:Recipients',
].map((key) => key.toLowerCase());

/** Reads the roles and their policies, and the policies of buckets, from the resources. */
export function authorization(resources: Resource[]): Authorization {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const attached = ofType('AWS::IAM::Policy');
  const roles = new Map(
    ofType('AWS::IAM::Role').map((role) => {
      const inline = (role.properties.Policies ?? []).map((policy: Record<string, unknown>) => ({
        name: policy.PolicyName,
        policy: policy.PolicyDocument,
      }));
      const own = attached
        .filter(({ properties }) => properties.Roles?.includes(role.ref))
        .map(({ name, properties }) => ({ name, policy: properties.PolicyDocument }));
      return [role.arn, { role, principal: assumedRole(role.name, [...inline, ...own]) }] as const;
    }),
  );
  const bucketPolicies = new Map(
    ofType('AWS::S3::BucketPolicy').map(({ properties }) => [properties.Bucket, properties.PolicyDocument]),
  );
  for (const policy of [...roles.values()].flatMap(({ principal }) => principal.policies))
    refuseUnknownContextKeys(policy.name, policy.policy);
  for (const [bucket, policy] of bucketPolicies) refuseUnknownContextKeys(bucket, policy);

  const administrator: Principal = {
    name: 'administrator',
    arn: arn('iam', 'user/administrator'),
    credentials: { accessKeyId: 'AKIALOCALADMINISTRATOR', secretAccessKey: 'local' },
    policies: [
      {
        name: 'AdministratorAccess',
        policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
      },
    ],
  };
  const principals = [administrator, ...[...roles.values()].map(({ principal }) => principal)];
  const byKey = new Map(principals.map((principal) => [principal.credentials.accessKeyId, principal]));

  return {
    administrator,
    grants: [...roles.values()].flatMap(({ principal }) => grantsOf(principal)),
    role(roleArn, service) {
      const found = roles.get(roleArn);
      if (!found) throw new Error(`No role of the template has the ARN ${roleArn}`);
      if (!JSON.stringify(found.role.properties.AssumeRolePolicyDocument ?? {}).includes(`"${service}.`))
        throw new Error(`The role ${found.role.name} cannot be assumed by ${service}`);
      return found.principal;
    },
    identify: (accessKeyId) => byKey.get(accessKeyId),
    async decide(principal, { action, resource, context }) {
      const bucket = resource.startsWith('arn:aws:s3:::') ? resource.slice(13).split('/')[0] : undefined;
      const result = await runSimulation(
        {
          request: {
            principal: principal.arn,
            action,
            resource: { resource, accountId },
            contextVariables: {
              'aws:PrincipalAccount': accountId,
              'aws:PrincipalArn': principal.arn,
              'aws:RequestedRegion': pseudoParameters['AWS::Region'],
              'aws:ResourceAccount': accountId,
              // Nothing here leaves the machine: loopback counts as TLS.
              'aws:SecureTransport': 'true',
              ...context,
            },
          },
          identityPolicies: principal.policies,
          serviceControlPolicies: [],
          resourceControlPolicies: [],
          resourcePolicy: bucket && bucketPolicies.get(bucket),
        },
        {},
      );
      if (result.resultType === 'error')
        throw new Error(`${action} on ${resource} cannot be evaluated: ${JSON.stringify(result.errors)}`);
      return result.overallResult;
    },
  };
}

function assumedRole(name: string, policies: Principal['policies']): Principal {
  return {
    name,
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/local`,
    credentials: { accessKeyId: `AKIA-${name}`, secretAccessKey: 'local' },
    policies,
  };
}

function grantsOf({ name, policies }: Principal): Grant[] {
  const statements = policies.flatMap(({ policy }) => policy.Statement);
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action) => [Resource].flat().map((resource) => ({ role: name, action, resource }))),
    );
}

function refuseUnknownContextKeys(name: string, policy: PolicyDocument): void {
  for (const statement of policy.Statement)
    for (const operands of Object.values(statement.Condition ?? {}))
      for (const key of Object.keys(operands))
        if (!knownContextKeys.includes(key.toLowerCase()))
          throw new Error(`The policy ${name} asks for ${key}, which the local stack does not know`);
}
