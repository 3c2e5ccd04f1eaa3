import { readFileSync } from 'node:fs';
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnTemplate, ConfigurationSet, EmailSendingEvent, EventDestination } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { Template } from '../machines.ts';

/** The SES templates of emails/ and the configuration set that every mail is sent with. */
export class Mail extends Construct {
  readonly configurationSetName: string;
  readonly #config: Config;

  constructor(scope: Construct, config: Config) {
    super(scope, 'Mail');
    this.#config = config;
    this.configurationSetName = `reports-${config.environment}`;
    const configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: this.configurationSetName,
    });
    // SES sends to the default bus only.
    const bus = EventBus.fromEventBusArn(
      this,
      'DefaultBus',
      Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' }),
    );
    configurationSet.addEventDestination('Problems', {
      configurationSetEventDestinationName: 'problems',
      destination: EventDestination.eventBus(bus),
      events: [
        EmailSendingEvent.BOUNCE,
        EmailSendingEvent.COMPLAINT,
        EmailSendingEvent.REJECT,
        EmailSendingEvent.RENDERING_FAILURE,
      ],
    });
    for (const template of ['report-ready', 'report-failed'] as const) {
      new CfnTemplate(this, template, {
        template: {
          templateName: this.templateName(template),
          subjectPart: '{{subject}}',
          htmlPart: html(template),
          textPart: readFileSync(`emails/${template}.txt`, 'utf8'),
        },
      });
    }
  }

  templateName(template: Template): string {
    return `reports-${this.#config.environment}-${template}`;
  }

  /**
   * Allows a role to send mails of these templates from the sender's domain. SES checks the identity, the configuration
   * set and the template, and for a mail with an attachment the right to send a raw one.
   */
  grantSend(
    role: IRole,
    templates: readonly Template[],
    attachments: 'with attachments' | 'without attachments',
  ): void {
    const arn = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({
        service: 'ses',
        resource,
        resourceName,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      });
    const actions = ['ses:SendEmail', 'ses:SendTemplatedEmail'];
    if (attachments === 'with attachments') actions.push('ses:SendRawEmail');
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions,
        // The machines suppress such mails; this holds should one forget to.
        conditions: this.#recipients(),
        resources: [
          arn('identity', this.#config.sender.replace(/.*@/, '')),
          arn('configuration-set', this.configurationSetName),
          ...templates.map((template) => arn('template', this.templateName(template))),
        ],
      }),
    );
  }

  #recipients() {
    const { mailDomains } = this.#config;
    if (mailDomains === 'any') return undefined;
    return { 'ForAllValues:StringLike': { 'ses:Recipients': mailDomains.map((domain) => `*@${domain}`) } };
  }
}

/** A template's message and facts in the frame that all mails share. */
function html(template: Template): string {
  const read = (name: string) => readFileSync(`emails/${name}.html`, 'utf8');
  const [message, facts] = read(template).split('<!-- facts -->');
  if (facts === undefined)
    throw new Error(`emails/${template}.html: no line <!-- facts --> between message and facts.`);
  return read('layout')
    .replace('<!-- message -->', () => message!)
    .replace('<!-- facts -->', () => facts);
}
