import type { Service } from './service.ts';

/** Step Functions. The resource is the execution, Map Run or state machine in the request. */
export const states: Service = {
  protocol: 'json',
  denial: { status: 400, code: 'AccessDeniedException' },
  describe({ headers, body }) {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    const { executionArn, mapRunArn, stateMachineArn, resourceArn } = JSON.parse(body || '{}');
    const resource = executionArn ?? mapRunArn ?? stateMachineArn ?? resourceArn ?? '*';
    return { operation, requires: [{ action: `states:${operation}`, resource }] };
  },
};
