/** The SES emulator keeps mails in module state, so each stack runs it in a worker of its own. */
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import sesModule from 'aws-ses-v2-local';

const server = await sesModule.default({ host: '127.0.0.1', port: workerData });
const address = server.address() as AddressInfo | null;
if (!address) throw new Error(`The inbox cannot listen on port ${workerData}: it is taken`);
parentPort!.postMessage(address.port);
