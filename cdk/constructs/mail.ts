import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { CfnTemplate, ConfigurationSet, EmailSendingEvent, EventDestination } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import { type Config, nameOf } from '../config.ts';
import type { Template } from '../machines.ts';

/** The SES templates of emails/, and the configuration set of every mail. */
export class Mail extends Construct {
  readonly configurationSetName: string;

  constructor(scope: Construct, config: Config) {
    super(scope, 'Mail');
    this.configurationSetName = nameOf(config);
    const configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: this.configurationSetName,
    });
    // SES sends events to the default bus only.
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
          templateName: nameOf(config, template),
          subjectPart: '{{subject}}',
          htmlPart: html(template),
          textPart: readFileSync(`emails/${template}.txt`, 'utf8'),
        },
      });
    }
  }
}

/** The message and the facts of a template in the layout that all mails share. */
function html(template: Template): string {
  const read = (name: string) => readFileSync(`emails/${name}.html`, 'utf8');
  const [message, facts] = read(template).split('<!-- facts -->');
  if (facts === undefined)
    throw new Error(`emails/${template}.html has no line <!-- facts --> between message and facts.`);
  return read('layout')
    .replace('<!-- message -->', () => message!)
    .replace('<!-- facts -->', () => facts);
}
