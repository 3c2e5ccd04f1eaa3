import type { IncomingHttpHeaders } from 'node:http';
import type { Permission } from '../access/authorization.ts';
import { type Protocol, ServiceError } from '../access/errors.ts';

/** A request as a service reads it. */
export interface ServiceRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  /** Empty for S3, whose bodies are streamed through. */
  body: string;
}

/** What a request asks for, and the permissions that IAM wants to see for it. */
export interface Call {
  operation: string;
  requires: Permission[];
}

/** How the gateway reads the requests of one AWS service. */
export interface Service {
  protocol: Protocol;
  /** How the service says that IAM does not allow something. */
  denial: { status: number; code: string };
  /** What the service says when it is out of order, where its model names an error for that. */
  outageCode?: string;
  describe(request: ServiceRequest): Call;
}

/** A call that the gateway has no permissions for is refused, never let through unseen. */
export function unknownOperation(operation: string): ServiceError {
  return new ServiceError(501, 'NotImplemented', `The local stack does not know the operation ${operation}`);
}
