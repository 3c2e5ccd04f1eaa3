import { createRequire } from 'node:module';
import type { ClientConfiguration } from '../settings.ts';
import type { Schema } from './members.ts';

/** The used part of an `@aws-sdk/client-*` package. All packages have the same structure. */
export interface Service {
  Client: new (configuration: ClientConfiguration) => ServiceClient;
  /** The class of errors that the service's model does not name. */
  BaseException: new (
    ...parts: never[]
  ) => Error;
  command(action: string): (new (input: object) => ServiceCommand) | undefined;
}

export interface ServiceClient {
  send(command: ServiceCommand, options: { abortSignal: AbortSignal }): Promise<Record<string, unknown>>;
  destroy(): void;
}

export interface ServiceCommand {
  input: object;
  /** [9, namespace, name, traits, input, output] */
  schema: [number, string, string, unknown, Schema, Schema];
  middlewareStack: { add(middleware: Middleware, options: { step: string; priority: string }): void };
}

export type HttpResponse = { statusCode: number; headers: Record<string, string> };
type Middleware = (
  next: (args: { request: { headers: Record<string, string> } }) => Promise<{ response: HttpResponse }>,
) => (args: { request: { headers: Record<string, string> } }) => Promise<{ response: HttpResponse }>;

/** The packages that are not named like the word in the Resource. */
const packages: Record<string, string> = {
  secretsmanager: 'secrets-manager',
  cloudwatchlogs: 'cloudwatch-logs',
};
const require = createRequire(import.meta.url);

function packageName(service: string): string {
  return `@aws-sdk/client-${packages[service] ?? service}`;
}

/** Says why an action (in camel case) of a service cannot be called; undefined if it can. */
export function serviceProblem(service: string, action: string): string | undefined {
  if (!/^[a-z0-9]+$/.test(service)) return `'${service}' is not a service`;
  try {
    require.resolve(packageName(service));
  } catch {
    return `the package ${packageName(service)} is not installed`;
  }
  const known = serviceNamed(service).command(action);
  return known ? undefined : `${packageName(service)} has no ${commandName(action)}`;
}

const loaded = new Map<string, Service>();

/** Loads a service's package on first use. Throws if it is not installed. */
export function serviceNamed(name: string): Service {
  let service = loaded.get(name);
  if (!service) {
    service = serviceIn(require(packageName(name)) as Record<string, unknown>);
    loaded.set(name, service);
  }
  return service;
}

function serviceIn(module: Record<string, unknown>): Service {
  const exported = (ending: string) =>
    module[
      Object.keys(module).find((name) => !name.startsWith('_') && name !== ending && name.endsWith(ending))!
    ];
  return {
    Client: exported('Client') as Service['Client'],
    BaseException: exported('ServiceException') as Service['BaseException'],
    command: (action) => module[commandName(action)] as ReturnType<Service['command']>,
  };
}

function commandName(action: string): string {
  return `${action[0]?.toUpperCase()}${action.slice(1)}Command`;
}
