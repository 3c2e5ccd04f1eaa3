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

/**
 * Keeps a request, and a copy of its stored parameters: Rails may delete or change its file, and the copy of an earlier
 * report expires. Throws UploadFailed.
 * @returns the key of the copy; undefined without stored parameters
 */
export async function keep({ request, parametersText, access }: Authorised): Promise<string | undefined> {
  const { reportType, parameters, format, timeZone, delivery } = request.eventDetail;
  const folder = folderOf(ownerOf(request, access), reportType, request.jobId);
  const parametersKey = parametersText === undefined ? undefined : `${folder}parameters.json`;
  const asked = parametersKey ? { parametersKey } : { parameters };
  const kept: Kept = { ...asked, format, timeZone, delivery };
  using storage = storageClient(partTime);
  const put = (key: string, text: string) =>
    store(storage, text, {
      bucket: setting('REPORTS_BUCKET'),
      key,
      contentType: 'application/json',
      expiresInDays: Number(setting('REQUEST_DAYS')),
    });
  if (parametersKey) await put(parametersKey, parametersText!);
  await put(`${folder}request.json`, JSON.stringify(kept));
  return parametersKey;
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
