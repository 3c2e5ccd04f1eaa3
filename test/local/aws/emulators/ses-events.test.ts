import { SendEmailCommand } from '@aws-sdk/client-sesv2';
import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test, vi } from 'vitest';
import { allow, arnOf, cloudOf, machine, role, type TestCloud } from '../../../support/cloud-of.ts';

const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:heard';
const destination = (EventDestination: object) => ({
  Type: 'AWS::SES::ConfigurationSetEventDestination',
  Properties: { ConfigurationSetName: { Ref: 'ConfigurationSet' }, EventDestination },
});
const toBus = { EventBusArn: 'arn:aws:events:us-east-1:000000000000:event-bus/default' };
const wanted = {
  Name: 'problems',
  Enabled: true,
  EventBridgeDestination: toBus,
  MatchingEventTypes: ['bounce', 'renderingFailure'],
};
const resources = {
  ConfigurationSet: { Type: 'AWS::SES::ConfigurationSet', Properties: { Name: 'reports' } },
  Destination: destination(wanted),
  MachineRole: role('states'),
  Heard: machine('heard', { Type: 'Succeed' }),
  RuleRole: role('events', allow('states:StartExecution', { Ref: 'Heard' })),
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': ['reports'] } } },
      },
      State: 'ENABLED',
      Targets: [{ Arn: { Ref: 'Heard' }, RoleArn: arnOf('RuleRole') }],
    },
  },
};

const send = ({ clients }: TestCloud, to: string, ConfigurationSetName?: string) =>
  clients.sesv2.send(
    new SendEmailCommand({
      FromEmailAddress: 'reports@example.com',
      Destination: { ToAddresses: [to] },
      ConfigurationSetName,
      EmailTags: [{ Name: 'jobId', Value: 'job-1' }],
      Content: { Simple: { Subject: { Data: 'Hello' }, Body: { Text: { Data: 'Hello' } } } },
    }),
  );

async function heard({ clients }: TestCloud) {
  const { executions } = await clients.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  const inputs = executions!.map(async ({ executionArn }) => {
    const { input } = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    return JSON.parse(input!);
  });
  return Promise.all(inputs);
}

describe('The mailbox simulator', () => {
  test.each([
    ['bounce@simulator.amazonses.com', 'General'],
    ['bounce+label@simulator.amazonses.com', 'General'],
    ['suppressionlist@simulator.amazonses.com', 'Suppressed'],
  ])('lets a mail to %s bounce', async (address, bounceSubType) => {
    const cloud = await cloudOf(resources);
    const { MessageId } = await send(cloud, address, 'reports');
    const [event] = await vi.waitFor(async () => {
      const events = await heard(cloud);
      expect(events).toHaveLength(1);
      return events;
    });
    expect(event).toMatchObject({
      'detail-type': 'Email Bounced',
      source: 'aws.ses',
      resources: ['arn:aws:ses:us-east-1:000000000000:configuration-set/reports'],
      detail: {
        eventType: 'Bounce',
        bounce: { bounceType: 'Permanent', bounceSubType, bouncedRecipients: [{ emailAddress: address }] },
        mail: {
          messageId: MessageId,
          destination: [address],
          tags: { 'ses:configuration-set': ['reports'], jobId: ['job-1'] },
        },
      },
    });
  });

  test('says only what the configuration set of the mail asks for', async () => {
    const cloud = await cloudOf(resources);
    await send(cloud, 'success@simulator.amazonses.com', 'reports');
    await send(cloud, 'complaint@simulator.amazonses.com', 'reports');
    await send(cloud, 'bounce@simulator.amazonses.com');
    await send(cloud, 'bounce+last@simulator.amazonses.com', 'reports');
    const events = await vi.waitFor(async () => {
      const events = await heard(cloud);
      expect(events).not.toEqual([]);
      return events;
    });
    expect(events.map(({ detail }) => detail.mail.destination)).toEqual([
      ['bounce+last@simulator.amazonses.com'],
    ]);
  });
});

test('A destination other than EventBridge is an error, since nothing would come of it', async () => {
  const other = { ...resources, Destination: destination({ ...wanted, EventBridgeDestination: undefined }) };
  await expect(cloudOf(other)).rejects.toThrow('no destination but EventBridge');
});
