import type { ClientConfiguration, Settings } from '../settings.ts';
import { type ServiceClient, serviceNamed } from './services.ts';

/** Keeps one SDK client for each role and service, made on first use. */
export class Clients {
  private readonly clients = new Map<string, ServiceClient>();
  private readonly settings: Settings;
  private readonly ownEndpoint: () => string;

  constructor(settings: Settings, ownEndpoint: () => string) {
    this.settings = settings;
    this.ownEndpoint = ownEndpoint;
  }

  get(roleArn: string, service: string): ServiceClient {
    const key = `${roleArn} ${service}`;
    let client = this.clients.get(key);
    if (!client) {
      client = this.make(roleArn, service);
      this.clients.set(key, client);
    }
    return client;
  }

  close(): void {
    for (const client of this.clients.values()) client.destroy();
  }

  private make(roleArn: string, service: string): ServiceClient {
    const { Client } = serviceNamed(service);
    const given = this.settings.clients(roleArn, service);
    const variable = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
    const configuration: ClientConfiguration = {
      region: this.settings.region,
      // AWS calls once (the causes say so) and leaves retries to the machine.
      maxAttempts: 1,
      ...(!credentialsInEnvironment() && { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
      ...(service === 'sfn' && {
        disableHostPrefix: true,
        ...(!process.env[variable] && { endpoint: this.ownEndpoint() }),
      }),
      ...given,
    };
    // Emulators have one host: no bucket names in host names, no queue URLs as addresses.
    if (configuration.endpoint || process.env[variable] || process.env.AWS_ENDPOINT_URL) {
      if (service === 's3') configuration.forcePathStyle ??= true;
      if (service === 'sqs') configuration.useQueueUrlAsEndpoint ??= false;
    }
    return new Client(configuration);
  }
}

function credentialsInEnvironment(): boolean {
  const variables = [
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ];
  return variables.some((name) => process.env[name]);
}
