import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { CfnTemplate, ConfigurationSet, EmailSendingEvent, EventDestination } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import { type Config, nameOf } from '../config.ts';

/** The SES template of emails/, and the configuration set of every mail. */
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
    new CfnTemplate(this, 'Template', {
      template: {
        templateName: nameOf(config, 'report'),
        subjectPart: '{{subject}}',
        htmlPart: readFileSync('emails/report.html', 'utf8'),
        textPart: readFileSync('emails/report.txt', 'utf8'),
      },
    });
  }
}
