import type { Permission } from '../access/authorization.ts';
import { ServiceError } from '../access/errors.ts';
import { arn } from '../template/resource-types.ts';
import { type Service, type ServiceRequest, unknownOperation } from './service.ts';
import type { ConfigurationSets } from './ses-events.ts';

/** The fields of a SendEmail request that the stack reads. */
export interface SendEmail {
  FromEmailAddress?: string;
  FromEmailAddressIdentityArn?: string;
  ConfigurationSetName?: string;
  EmailTags?: { Name: string; Value: string }[];
  Destination?: { ToAddresses?: string[]; CcAddresses?: string[]; BccAddresses?: string[] };
  Content?: {
    Raw?: object;
    Simple?: { Attachments?: unknown[] };
    Template?: { TemplateName?: string; Attachments?: unknown[] };
  };
}

function recipientsOf({ Destination }: SendEmail): string[] {
  const { ToAddresses = [], CcAddresses = [], BccAddresses = [] } = Destination ?? {};
  return [...ToAddresses, ...CcAddresses, ...BccAddresses];
}

/** Refuses the addresses that SES refuses. The emulator accepts any. */
function checkRecipient(recipient: string): void {
  const domain = /@([^@>]*)>?$/.exec(recipient)?.[1];
  const refuse = (code: string, message: string) => {
    throw new ServiceError(400, code, message);
  };
  if (!domain) refuse('BadRequestException', "Missing final '@domain'");
  if (domain?.includes('..')) refuse('BadRequestException', 'Domain contains dot-dot');
  if (domain?.startsWith('.')) refuse('BadRequestException', 'Domain starts with dot');
  if (domain?.endsWith('.')) refuse('BadRequestException', 'Domain ends with dot');
  if (domain?.includes('_')) refuse('BadRequestException', 'Domain contains illegal character');
  // As the SES sandbox does.
  if (domain === 'unverified.example')
    refuse(
      'MessageRejected',
      `Email address is not verified. The following identities failed the check in region US-EAST-1: ${recipient}`,
    );
}

/**
 * SES, API version 2. The emulator does not know configuration sets. This keeps their names and refuses a mail with an
 * unknown one, as SES does.
 */
export function ses(configurationSets: ConfigurationSets): Service {
  return {
    protocol: 'rest-json',
    denial: { status: 403, code: 'AccessDeniedException' },
    describe({ method, url, body }: ServiceRequest) {
      const operation = `${method} ${url.pathname}`;
      if (operation === 'POST /v2/email/templates') {
        const template = arn('ses', `template/${JSON.parse(body).TemplateName}`);
        return {
          operation: 'CreateEmailTemplate',
          requires: [{ action: 'ses:CreateEmailTemplate', resource: template }],
        };
      }
      if (operation !== 'POST /v2/email/outbound-emails') throw unknownOperation(operation);
      const email: SendEmail = JSON.parse(body);
      const name = email.ConfigurationSetName;
      if (name !== undefined && !configurationSets.has(name))
        throw new ServiceError(404, 'NotFoundException', `Configuration set <${name}> does not exist.`);
      recipientsOf(email).forEach(checkRecipient);
      return { operation: 'SendEmail', requires: permissionsToSend(email) };
    },
  };
}

/**
 * SendEmail needs ses:SendEmail on the identity, the configuration set and the template
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html),
 * and also the corresponding action of API version 1: ses:SendRawEmail for MIME, as measured in
 * https://github.com/anymail/django-anymail/issues/384, and presumably for attachments, which become MIME; and
 * ses:SendTemplatedEmail for templates, presumably, since SendBulkEmail was measured to need ses:SendBulkTemplatedEmail.
 */
function permissionsToSend(email: SendEmail): Permission[] {
  const { Raw, Simple, Template } = email.Content ?? {};
  const address = /<([^>]+)>/.exec(email.FromEmailAddress ?? '')?.[1] ?? email.FromEmailAddress ?? '';
  // The verified identity is the domain, not the sender.
  const identity = email.FromEmailAddressIdentityArn ?? arn('ses', `identity/${address.split('@')[1]}`);
  const configurationSet = email.ConfigurationSetName
    ? [arn('ses', `configuration-set/${email.ConfigurationSetName}`)]
    : [];
  const template = Template?.TemplateName ? [arn('ses', `template/${Template.TemplateName}`)] : [];
  const context = { 'ses:FromAddress': address, 'ses:Recipients': recipientsOf(email) };
  const on = (action: string, resources: string[]) =>
    resources.map((resource) => ({ action, resource, context }));
  const attachments = Simple?.Attachments ?? Template?.Attachments ?? [];
  return [
    ...on('ses:SendEmail', [identity, ...configurationSet, ...template]),
    ...(Template ? on('ses:SendTemplatedEmail', [identity, ...configurationSet, ...template]) : []),
    ...(Raw || attachments.length > 0 ? on('ses:SendRawEmail', [identity, ...configurationSet]) : []),
  ];
}
