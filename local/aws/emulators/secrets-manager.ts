import { type Answer, json, ServiceError } from '../access/errors.ts';
import { type Service, unknownOperation } from './service.ts';

/** Secrets Manager; only GetSecretValue is supported. */
export const secretsManager: Service = {
  protocol: 'json',
  denial: { status: 400, code: 'AccessDeniedException' },
  outageCode: 'InternalServiceError',
  describe({ headers, body }) {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    if (operation !== 'GetSecretValue') throw unknownOperation(operation);
    return {
      operation,
      requires: [{ action: 'secretsmanager:GetSecretValue', resource: JSON.parse(body).SecretId }],
    };
  },
};

/** Answers GetSecretValue from a map of secrets by ARN. */
export function getSecretValue(secrets: Map<string, string>, body: string): Answer {
  const { SecretId } = JSON.parse(body);
  const SecretString = secrets.get(SecretId);
  if (SecretString === undefined)
    throw new ServiceError(
      400,
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret.",
    );
  return json(200, { ARN: SecretId, Name: SecretId.split(':').at(-1), SecretString, VersionId: 'local' });
}
