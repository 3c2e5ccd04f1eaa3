// The fields of a document that a grid shows, by system name.
import type { GridField } from '../../../contract/types.ts';

export type DocumentField = {
  /** The name that users know. */
  title: string;
  /** What all see who may see the document, what it came with, or what reviewers made of it. */
  kind: 'document' | 'metadata' | 'coding';
};

export const documentFields: Record<GridField, DocumentField> = {
  nextpoint_id: { title: 'Nextpoint ID', kind: 'document' },
  bates_start: { title: 'Bates Start', kind: 'document' },
  bates_end: { title: 'Bates End', kind: 'document' },
  page_count: { title: 'Page Count', kind: 'document' },
  parent_id: { title: 'Parent ID', kind: 'metadata' },
  title: { title: 'Title', kind: 'metadata' },
  document_date: { title: 'Document Date', kind: 'metadata' },
  document_type: { title: 'Document Type', kind: 'metadata' },
  author: { title: 'Author', kind: 'metadata' },
  recipients: { title: 'Recipients', kind: 'metadata' },
  cc: { title: 'CC', kind: 'metadata' },
  bcc: { title: 'BCC', kind: 'metadata' },
  custodians: { title: 'Custodians', kind: 'metadata' },
  file_name: { title: 'File Name', kind: 'metadata' },
  file_path: { title: 'File Path', kind: 'metadata' },
  sent_at: { title: 'Sent At', kind: 'metadata' },
  received_at: { title: 'Received At', kind: 'metadata' },
  created_at: { title: 'Created At', kind: 'metadata' },
  time_zone: { title: 'Time Zone', kind: 'document' },
  relevancy_status: { title: 'Relevancy Status', kind: 'coding' },
  privilege_status: { title: 'Privilege Status', kind: 'coding' },
  privilege_codes: { title: 'Privilege Codes', kind: 'coding' },
  privilege_notes: { title: 'Privilege Notes', kind: 'coding' },
  withheld: { title: 'Withheld', kind: 'coding' },
  redaction_reasons: { title: 'Redaction Reasons', kind: 'coding' },
  confidentiality: { title: 'Confidentiality', kind: 'coding' },
  issues: { title: 'Issues', kind: 'coding' },
  folders: { title: 'Folders', kind: 'coding' },
  tags: { title: 'Tags', kind: 'coding' },
  notes: { title: 'Notes', kind: 'coding' },
};

/** The id of the custom field that a name such as `custom_field:12` means; nothing for other names. */
export function customFieldId(name: string): number | undefined {
  const id = /^custom_field:(\d+)$/.exec(name)?.[1];
  return id === undefined ? undefined : Number(id);
}
