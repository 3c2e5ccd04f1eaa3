import type { IncomingHttpHeaders } from 'node:http';
import type { Permission } from '../access/authorization.ts';
import { type Protocol, ServiceError } from '../access/errors.ts';

/** A request to a service. */
export interface ServiceRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  /** Empty for S3, whose bodies are streamed. */
  body: string;
}

/** The operation of a request, and the permissions that it needs. */
export interface Call {
  operation: string;
  requires: Permission[];
}

/** Describes the requests of one AWS service to the gateway. */
export interface Service {
  protocol: Protocol;
  /** The service's access-denied error. */
  denial: { status: number; code: string };
  /** The service's error code for an outage, if its model has one. */
  outageCode?: string;
  describe(request: ServiceRequest): Call;
}

/** The error for an operation whose permissions are unknown. The gateway never lets such a call through. */
export function unknownOperation(operation: string): ServiceError {
  return new ServiceError(
    501,
    'NotImplemented',
    `The local stack does not support the operation ${operation}`,
  );
}
