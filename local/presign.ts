import type { S3Client } from '@aws-sdk/client-s3';
import type { RequestPresigner } from '@smithy/types';

/** A URL with which anybody may fetch the object until it expires. */
export async function presignDownload(
  s3: S3Client,
  bucket: string,
  key: string,
  expiresIn: number,
): Promise<string> {
  const { protocol, hostname, port } = await s3.config.endpoint!();
  // The client's own signer, so that nothing more has to be installed.
  const signer = (await s3.config.signer()) as unknown as RequestPresigner;
  const request = {
    method: 'GET',
    protocol,
    hostname,
    port,
    path: `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
    headers: { host: `${hostname}:${port}` },
    query: {},
  };
  const signed = await signer.presign(request, { expiresIn });
  return `${protocol}//${hostname}:${port}${signed.path}?${new URLSearchParams(signed.query as Record<string, string>)}`;
}
