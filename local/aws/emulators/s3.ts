import type { Permission } from '../access/authorization.ts';
import { type Call, type Service, type ServiceRequest, unknownOperation } from './service.ts';

/** S3 with path-style URLs. Method, path, query and headers determine the operation. */
export const s3: Service = {
  protocol: 'rest-xml',
  denial: { status: 403, code: 'AccessDenied' },
  describe,
};

function describe(request: ServiceRequest): Call {
  const [bucket, ...segments] = request.url.pathname.slice(1).split('/');
  const key = decodeURIComponent(segments.join('/'));
  if (!bucket) return call('ListBuckets', [{ action: 's3:ListAllMyBuckets', resource: '*' }]);
  return key ? describeObject(request, `arn:aws:s3:::${bucket}/${key}`) : describeBucket(request, bucket);
}

function describeObject({ method, url, headers }: ServiceRequest, object: string): Call {
  const has = (parameter: string) => url.searchParams.has(parameter);
  const source = headers['x-amz-copy-source'];
  const read = (action = 's3:GetObject') => [{ action, resource: object }];
  const write = (): Permission[] => [
    { action: 's3:PutObject', resource: object },
    ...(headers['x-amz-tagging'] ? [{ action: 's3:PutObjectTagging', resource: object }] : []),
    ...(source
      ? [
          {
            action: 's3:GetObject',
            resource: `arn:aws:s3:::${decodeURIComponent(String(source)).replace(/^\//, '')}`,
          },
        ]
      : []),
  ];
  switch (method) {
    case 'GET':
      if (has('tagging')) return call('GetObjectTagging', read('s3:GetObjectTagging'));
      if (has('attributes')) return call('GetObjectAttributes', read('s3:GetObjectAttributes'));
      return call('GetObject', read());
    case 'HEAD':
      return call('HeadObject', read());
    case 'PUT':
      if (has('tagging')) return call('PutObjectTagging', read('s3:PutObjectTagging'));
      if (has('partNumber')) return call(source ? 'UploadPartCopy' : 'UploadPart', write());
      return call(source ? 'CopyObject' : 'PutObject', write());
    case 'POST':
      if (has('uploads')) return call('CreateMultipartUpload', write());
      if (has('uploadId')) return call('CompleteMultipartUpload', write());
      break;
    case 'DELETE':
      if (has('uploadId')) return call('AbortMultipartUpload', read('s3:AbortMultipartUpload'));
      return call('DeleteObject', read('s3:DeleteObject'));
  }
  throw unknownOperation(`${method} ${url.pathname}${url.search}`);
}

function describeBucket({ method, url }: ServiceRequest, name: string): Call {
  const bucket = `arn:aws:s3:::${name}`;
  const prefix = url.searchParams.get('prefix') ?? '';
  const list = { action: 's3:ListBucket', resource: bucket, context: { 's3:prefix': prefix } };
  const is = (parameter: string) => url.searchParams.has(parameter);
  if (method === 'HEAD') return call('HeadBucket', [list]);
  if (method === 'GET' && is('uploads'))
    return call('ListMultipartUploads', [{ action: 's3:ListBucketMultipartUploads', resource: bucket }]);
  if (method === 'GET' && is('location'))
    return call('GetBucketLocation', [{ action: 's3:GetBucketLocation', resource: bucket }]);
  if (method === 'GET') return call(is('list-type') ? 'ListObjectsV2' : 'ListObjects', [list]);
  if (method === 'PUT') return call('CreateBucket', [{ action: 's3:CreateBucket', resource: bucket }]);
  // The keys are in the body, which is not read here, so this needs permission on the whole bucket.
  if (method === 'POST' && is('delete'))
    return call('DeleteObjects', [{ action: 's3:DeleteObject', resource: `${bucket}/*` }]);
  throw unknownOperation(`${method} ${url.pathname}${url.search}`);
}

/** The permission without which S3 answers 403 instead of 404 for a missing key. */
export function permissionToSeeMissingKeys({ url }: ServiceRequest): Permission {
  return { action: 's3:ListBucket', resource: `arn:aws:s3:::${url.pathname.split('/')[1]}` };
}

function call(operation: string, requires: Permission[]): Call {
  return { operation, requires };
}
