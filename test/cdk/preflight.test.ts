import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test as base, describe, expect, vi } from 'vitest';
import { config } from '../../cdk/config.ts';
import { type Finding, preflight } from '../../cdk/preflight.ts';

const account = '123456789012';
const key = `arn:aws:kms:us-east-1:${account}:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f`;
const staging = config('staging', 'us-east-1');
const configuration = {
  ...staging,
  sender: 'reports@staging.nextpoint.com',
  platform: {
    ...staging.platform,
    account,
    readerEndpoint: { parameter: '/platform/reader' },
    secretArn: { value: `arn:aws:secretsmanager:us-east-1:${account}:secret:reports` },
  },
};

/** An account in which everything is as it should be. */
const ready = {
  account,
  exports: Object.values(staging.platform)
    .flat()
    .flatMap((value) => (typeof value === 'object' && 'export' in value ? [value.export] : [])),
  parameters: {
    '/cdk-bootstrap/hnb659fds/version': '21',
    // Nothing listens on this port.
    '/platform/reader': '127.0.0.1:1',
  } as Record<string, string>,
  unreserved: 1000,
  identities: ['nextpoint.com'],
  mail: { SendingEnabled: true, ProductionAccessEnabled: true, EnforcementStatus: 'HEALTHY' },
  topicKey: '',
  secretKey: undefined as string | undefined,
  secret: '{"username":"reports","password":"swordfish"}',
};
type Account = typeof ready;

/** Answers the calls of preflight in AWS's protocols. Emulators of these services do not exist as packages. */
function answer(state: Account, path: string, target: string, body: string): object | string {
  const action = new URLSearchParams(body).get('Action') ?? target.replace(/.*\./, '');
  const xml = (name: string, content: string) =>
    `<${name}Response><${name}Result>${content}</${name}Result></${name}Response>`;
  switch (action || path) {
    case 'GetCallerIdentity':
      return xml(action, `<Account>${state.account}</Account>`);
    case 'ListExports': {
      const members = state.exports.map(
        (name) => `<member><Name>${name}</Name><Value>value</Value></member>`,
      );
      return xml(action, `<Exports>${members.join('')}</Exports>`);
    }
    case 'GetTopicAttributes': {
      const entry = `<entry><key>KmsMasterKeyId</key><value>${state.topicKey}</value></entry>`;
      return xml(action, `<Attributes>${state.topicKey && entry}</Attributes>`);
    }
    case 'GetParameter':
      return { Parameter: { Value: state.parameters[JSON.parse(body).Name] } };
    case 'DescribeSecret':
      return { KmsKeyId: state.secretKey };
    case 'GetSecretValue':
      return { SecretString: state.secret };
    case '/2016-08-19/account-settings':
      return {
        AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: state.unreserved },
      };
    case '/v2/email/account':
      return state.mail;
    default:
      return {
        VerifiedForSendingStatus: state.identities.includes(decodeURIComponent(path.replace(/.*\//, ''))),
      };
  }
}

/** `check` asks preflight about the account with a change. It returns the state of each subject, and the text of one. */
const it = base.extend<{ check: (change: Partial<Account>) => Promise<Record<string, Finding>> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of fixtures from this pattern.
  check: async ({}, use) => {
    let state = ready;
    const server = createServer(async (request, response) => {
      const body = await text(request);
      const target = String(request.headers['x-amz-target'] ?? '');
      const reply = answer(state, new URL(request.url!, 'http://aws').pathname, target, body);
      response.end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    await use(async (change) => {
      state = { ...ready, ...change };
      const findings = await preflight(configuration);
      return Object.fromEntries(findings.map((finding) => [finding.subject, finding]));
    });
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  },
});

describe('preflight', () => {
  it('finds nothing missing in an account that is ready', async ({ check }) => {
    const findings = Object.values(await check({}));
    expect(findings.filter(({ state }) => state === 'missing')).toEqual([]);
    expect(findings.length).toBeGreaterThan(12);
  });

  it('cannot see the certificate of a proxy that cannot be reached', async ({ check }) => {
    const { 'database proxy': proxy } = await check({});
    expect(proxy).toMatchObject({ state: 'unknown', text: expect.stringContaining('within the VPC') });
  });

  it('says nothing else about another account', async ({ check }) => {
    const findings = await check({ account: '999999999999' });
    expect(Object.keys(findings)).toEqual(['account']);
    expect(findings.account!.text).toMatch(/belong to 999999999999, but staging is 123456789012/);
  });

  it('asks for an account that has not been entered', async () => {
    expect(await preflight(staging)).toMatchObject([
      { state: 'missing', subject: 'account', text: expect.stringContaining('cdk/config.ts') },
    ]);
  });

  it.for([
    ['an export', { exports: [] }, 'vpcId', /no export nextpoint-staging-VpcId/],
    ['a parameter', { parameters: {} }, 'readerEndpoint', /no parameter \/platform\/reader/],
    [
      'the bootstrap stack',
      { parameters: {} },
      'CDK bootstrap',
      /npx cdk bootstrap aws:\/\/123456789012\/us-east-1/,
    ],
    [
      'a recent bootstrap stack',
      { parameters: { ...ready.parameters, '/cdk-bootstrap/hnb659fds/version': '5' } },
      'CDK bootstrap',
      /Version 5 is too old/,
    ],
    ['room for reserved concurrency', { unreserved: 120 }, 'Lambda concurrency', /reserves 52/],
    ['a verified sender', { identities: ['example.com'] }, 'sender', /Verify staging.nextpoint.com/],
    [
      'production access of SES',
      { mail: { ...ready.mail, ProductionAccessEnabled: false } },
      'SES account',
      /in the sandbox/,
    ],
    [
      'an SES account that may send',
      { mail: { ...ready.mail, SendingEnabled: false, EnforcementStatus: 'SHUTDOWN' } },
      'SES account',
      /paused this account \(SHUTDOWN\)/,
    ],
    ['the key of an encrypted topic', { topicKey: key }, 'topic', /keys\.topic/],
    ['the key of an encrypted secret', { secretKey: key }, 'secret', /keys\.secret/],
    ['a login in the secret', { secret: '{"user":"reports"}' }, 'secret', /"username" and "password"/],
  ] as const)('misses %s', async ([, change, subject, words], { check }) => {
    const finding = (await check(change as Partial<Account>))[subject];
    expect(finding).toMatchObject({ state: 'missing', text: expect.stringMatching(words) });
  });

  it('takes a key of AWS itself as no key of the platform', async ({ check }) => {
    const { topic } = await check({ topicKey: 'alias/aws/sns' });
    expect(topic!.state).toBe('ok');
  });

  it('quotes nothing of the secret', async ({ check }) => {
    for (const secret of [ready.secret, 'swordfish', '{"password":"swordfish"}'])
      expect(JSON.stringify(await check({ secret }))).not.toContain('swordfish');
  });
});
