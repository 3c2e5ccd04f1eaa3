import type { Service } from './service.ts';

/** SNS: the query protocol, in which Publish and PublishBatch are one permission. */
export const sns: Service = {
  protocol: 'query',
  denial: { status: 403, code: 'AuthorizationError' },
  outageCode: 'InternalError',
  describe({ body }) {
    const parameters = new URLSearchParams(body);
    const operation = parameters.get('Action') ?? '';
    const action = operation === 'PublishBatch' ? 'Publish' : operation;
    return {
      operation,
      requires: [{ action: `sns:${action}`, resource: parameters.get('TopicArn') ?? '*' }],
    };
  },
};
