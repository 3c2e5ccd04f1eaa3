// The fields that an overlay knows: where each is kept, what it takes, and what becomes of its column.

/** A single value, or the values of a list in their order. NULL differs from the empty text. */
export type Value = string | null | string[];

export type Kind =
  | 'text'
  | 'date'
  | 'number'
  | 'boolean'
  /** One of a list. */
  | 'choice'
  /** Several of a list. */
  | 'choices'
  /** Several texts of any kind. */
  | 'texts';

export type Field = {
  /** The system name; a custom field is `custom_field:12`. */
  name: string;
  title: string;
  /** A column of exhibits, the rows of exhibit_values, or tags. */
  store: 'column' | 'values' | 'tags';
  /** The field's name in exhibit_values; the id of the custom field, or null for plain tags. */
  place?: string | number | null;
  kind: Kind;
  /** Characters, or bytes where the column counts those. */
  longest: number;
  isInBytes?: boolean;
  /** Whether reviewers set it, rather than that the document came with it. */
  isCoding: boolean;
};

const column = (
  name: string,
  title: string,
  kind: Kind,
  longest: number,
  more: Partial<Field> = {},
): Field => ({
  name,
  title,
  store: 'column',
  kind,
  longest,
  isCoding: false,
  ...more,
});
const list = (name: string, title: string, place: string, kind: Kind, isCoding: boolean): Field => ({
  name,
  title,
  store: 'values',
  place,
  kind,
  longest: 65_535,
  isInBytes: true,
  isCoding,
});

/** Bytes of a tag's name (MEDIUMTEXT). */
const longestTag = 16_777_215;

const coding = { isCoding: true };
export const documentFields: readonly Field[] = [
  column('title', 'Title', 'text', 255),
  column('document_date', 'Document Date', 'date', 10),
  column('document_type', 'Document Type', 'text', 50),
  column('author', 'Author', 'text', 255),
  column('relevancy_status', 'Relevancy Status', 'choice', 50, coding),
  column('privilege_status', 'Privilege Status', 'choice', 50, coding),
  column('confidentiality', 'Confidentiality', 'choice', 50, coding),
  column('withheld', 'Withheld', 'boolean', 1, coding),
  column('notes', 'Notes', 'text', 65_535, { isInBytes: true, isCoding: true }),
  list('recipients', 'Recipients', 'recipient', 'texts', false),
  list('cc', 'CC', 'cc', 'texts', false),
  list('bcc', 'BCC', 'bcc', 'texts', false),
  list('custodians', 'Custodians', 'custodian', 'choices', false),
  list('privilege_codes', 'Privilege Codes', 'privilege_code', 'choices', true),
  list('redaction_reasons', 'Redaction Reasons', 'redaction_reason', 'choices', true),
  list('issues', 'Issues', 'issue', 'choices', true),
  {
    name: 'tags',
    title: 'Tags',
    store: 'tags',
    place: null,
    kind: 'choices',
    longest: longestTag,
    isInBytes: true,
    isCoding: true,
  },
];

/** Columns of our own system export that cannot be written: skipped, so that an export comes back whole. */
export const readOnlyFields: readonly string[] = [
  'bates_end',
  'page_count',
  'parent_id',
  'created_at',
  'time_zone',
  'privilege_notes',
  'file_name',
  'file_path',
  'sent_at',
  'received_at',
  'folders',
];

/** Fields of the product that only it writes. */
export const protectedFields: ReadonlySet<string> = new Set([
  'batch',
  'batch_id',
  'batch_ids',
  'bates',
  'bates_stamped',
  'content_hash',
  'created_at_gmt',
  'delete_at_gmt',
  'deposition_id',
  'deposition_names',
  'deposition_volume_id',
  'display_name',
  'doc_props',
  'domain',
  'email_message_id',
  'email_reply_id',
  'email_thread',
  'exhibit_stamped_as',
  'expansive_hash',
  'export_ids',
  'file_extension',
  'file_size',
  'has_markups',
  'has_native_placeholder',
  'highlight_issues',
  'highlight_notes',
  'marked_for_delete',
  'non_imaged_placeholder',
  'npcase_id',
  'npdcase_id',
  'original_filename',
  'redacted',
  'image_file',
  'text_file',
  'native_file',
  'begattach',
]);

/** ASSUMED, like the tables: the product's types of custom fields, by `input_type`; others are texts. */
const customKinds: Record<string, Kind> = {
  date: 'date',
  number: 'number',
  checkbox: 'boolean',
  select: 'choice',
  multiselect: 'choices',
};

/** The field of a custom field of a case that keeps its values as tags. */
export function customField({
  id,
  title,
  input_type,
}: {
  id: number;
  title: string;
  input_type: string;
}): Field {
  return {
    name: `custom_field:${id}`,
    title,
    store: 'tags',
    place: id,
    kind: Object.hasOwn(customKinds, input_type) ? customKinds[input_type]! : 'text',
    longest: longestTag,
    isInBytes: true,
    isCoding: true,
  };
}

/** Whether a document holds several values of it. */
export function isList(field: Field): boolean {
  return field.store !== 'column';
}

/** Whether two values are the same to the byte. The database would take `Smith` for `smith`. */
export function isSame(one: Value, other: Value): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
