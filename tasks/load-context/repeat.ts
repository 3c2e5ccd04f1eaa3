// Requests are kept, so that a report can be run again. They lie below the requests of their case or account, where the
// functions that read stored parameters may read.
import type { EventDetail, ReportRequest, ReportType } from '../../contract/types.ts';
import { storageClient, store } from '../lib/files/upload.ts';
import { readText } from '../lib/parameters.ts';
import { setting } from '../lib/settings.ts';
import { type Access, type Authorised, ownerOf } from './authorise.ts';
import { Refusal } from './refusal.ts';

type Kept = Pick<EventDetail, 'parameters' | 'parametersKey' | 'format' | 'timeZone' | 'delivery'>;

/** Milliseconds that one part may take. */
const partTime = 5_000;

/** Keeps a request, and a copy of its stored parameters, which Rails may delete. Throws UploadFailed. */
export async function keep({ request, parametersText, access }: Authorised): Promise<void> {
  const { reportType, parameters, format, timeZone, delivery } = request.eventDetail;
  const folder = folderOf(ownerOf(request, access), reportType, request.jobId);
  const parametersKey = `${folder}parameters.json`;
  const asked = parametersText === undefined ? { parameters } : { parametersKey };
  const kept: Kept = { ...asked, format, timeZone, delivery };
  using storage = storageClient(partTime);
  const put = (key: string, text: string) =>
    store(storage, text, {
      bucket: setting('REPORTS_BUCKET'),
      key,
      contentType: 'application/json',
      expiresInDays: Number(setting('REQUEST_DAYS')),
    });
  if (parametersText !== undefined) await put(parametersKey, parametersText);
  await put(`${folder}request.json`, JSON.stringify(kept));
}

/**
 * The request of an earlier report of the same case or account, as the one who asks now would have sent it. What the
 * new message says about format, time zone and delivery goes first. Throws a Refusal when there is none, StorageUnavailable.
 */
export async function repeated(request: ReportRequest, access: Access): Promise<ReportRequest> {
  const { repeatOf, parameters: _, parametersKey: __, ...asked } = request.eventDetail;
  const { reportType, jobId } = repeatOf!;
  const text = await readText(`${folderOf(ownerOf(request, access), reportType, jobId)}request.json`);
  if (text === undefined) {
    const owner = request.caseId === null ? 'account' : 'case';
    const days = setting('REQUEST_DAYS');
    throw new Refusal(
      'InvalidRequest',
      `repeatOf: This ${owner} has no ${reportType} report ${jobId} of the last ${days} days.`,
    );
  }
  const kept: Kept = JSON.parse(text);
  const delivery = { ...kept.delivery, ...asked.delivery };
  return { ...request, eventDetail: { ...kept, ...asked, delivery } };
}

function folderOf(owner: string, reportType: ReportType, jobId: string): string {
  return `${setting('ENV')}/${owner}/requests/kept/${reportType}-${jobId}/`;
}
