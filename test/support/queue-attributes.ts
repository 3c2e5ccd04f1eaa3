import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Cloud } from '../../local/aws/cloud.ts';

/** The numbers of visible messages in a queue, and of those in flight. */
export async function queueAttributes({ clients, endpoint }: Cloud, name: string) {
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: `${endpoint}/000000000000/${name}`, AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes!.ApproximateNumberOfMessages),
    inFlight: Number(Attributes!.ApproximateNumberOfMessagesNotVisible),
  };
}
