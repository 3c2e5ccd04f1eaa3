import { runSimulation } from '@cloud-copilot/iam-simulate';
import { pseudoParameters } from '../template/intrinsics.ts';
import { arn } from '../template/resource-types.ts';
import type { Resource } from '../template/resources.ts';

/** Access keys of an SDK client. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** One permission that a call needs. */
export interface Permission {
  action: string;
  resource: string;
  /** Condition keys of the request, in addition to those that every request has. */
  context?: Record<string, string | string[]>;
}

/** A policy as CDK writes it, with a list of statements. */
interface PolicyDocument {
  Version: string;
  Statement: {
    Effect: 'Allow' | 'Deny';
    Action: string | string[];
    Resource: string | string[];
    Condition?: Record<string, object>;
  }[];
}

/** The caller of a request: a role of the template, or the administrator. */
export interface Principal {
  name: string;
  arn: string;
  credentials: Credentials;
  policies: { name: string; policy: PolicyDocument }[];
}

/** The result of evaluating a permission. */
export type Decision = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** An action that a policy allows a role on a resource. Both are written as in the policy and may contain wildcards. */
export interface Grant {
  role: string;
  action: string;
  resource: string;
}

/** Identifies callers and decides on their permissions. */
export interface Authorization {
  administrator: Principal;
  grants: Grant[];
  /** The principal of the role with this ARN. Throws unless the service may assume the role. */
  role(roleArn: string, service: string): Principal;
  /** The principal with this access key. */
  identify(accessKeyId: string): Principal | undefined;
  decide(principal: Principal, permission: Permission): Promise<Decision>;
}

const accountId = pseudoParameters['AWS::AccountId'];

// The condition keys that requests have here. A policy with another key would be evaluated wrongly, so it is refused.
const knownContextKeys = [
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:RequestedRegion',
  'aws:ResourceAccount',
  'aws:SecureTransport',
  'iam:PassedToService',
  // Of calls of EC2, which do not exist here.
  'lambda:SourceFunctionArn',
  's3:delimiter',
  's3:prefix',
  's3:signatureAge',
  'ses:FromAddress',
  'ses:Recipients',
].map((key) => key.toLowerCase());

/** Reads the roles, their policies and the bucket policies of the resources. */
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
              // Loopback counts as TLS, since nothing leaves the machine.
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
          throw new Error(
            `The policy ${name} has the condition key ${key}, which the local stack does not support`,
          );
}
