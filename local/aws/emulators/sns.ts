import type { Service } from './service.ts';

/** SNS, with the query protocol. PublishBatch needs the permission of Publish. */
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
