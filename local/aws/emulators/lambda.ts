import { type Answer, json, ServiceError } from '../access/errors.ts';
import { arn } from '../template/resource-types.ts';
import type { LambdaFunction } from './lambda-function.ts';
import { type Service, type ServiceRequest, unknownOperation } from './service.ts';

/** Lambda; only Invoke is supported. */
export const lambda: Service = {
  protocol: 'rest-json',
  denial: { status: 403, code: 'AccessDeniedException' },
  outageCode: 'ServiceException',
  describe(request) {
    return {
      operation: 'Invoke',
      requires: [
        { action: 'lambda:InvokeFunction', resource: arn('lambda', `function:${functionName(request)}`) },
      ],
    };
  },
};

/** Invokes the function with the name or unqualified ARN in the request. */
export async function invoke(
  functions: Map<string, LambdaFunction>,
  request: ServiceRequest,
): Promise<Answer> {
  const name = functionName(request);
  const found = functions.get(name);
  if (!found)
    throw new ServiceError(
      404,
      'ResourceNotFoundException',
      `Function not found: ${arn('lambda', `function:${name}`)}`,
    );
  const invocation = found.invoke(request.body || '{}');
  if (request.headers['x-amz-invocation-type'] === 'Event') return json(202, '');
  const { payload, functionError } = await invocation;
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'x-amz-executed-version': '$LATEST',
      ...(functionError && { 'x-amz-function-error': functionError }),
    },
    body: payload,
  };
}

function functionName({ method, url }: ServiceRequest): string {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url.pathname)?.[1];
  if (method !== 'POST' || !name) throw unknownOperation(`${method} ${url.pathname}`);
  return decodeURIComponent(name).split(':').at(-1)!;
}
