import { arn } from '../template/resource-types.ts';
import type { Service } from './service.ts';

/** SQS. A batch needs the permission of the single operation. */
export const sqs: Service = {
  protocol: 'json',
  denial: { status: 403, code: 'AccessDenied' },
  describe({ headers, body }) {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    const { QueueUrl, QueueName } = JSON.parse(body || '{}');
    const queue = QueueName ?? QueueUrl?.split('/').at(-1);
    return {
      operation,
      requires: [
        { action: `sqs:${operation.replace(/Batch$/, '')}`, resource: queue ? arn('sqs', queue) : '*' },
      ],
    };
  },
};
