// From the headers of a load file to the names of fields, which exports for overlays write.

/** Other names of fields, as users and other products have them. */
const aliases: Record<string, string> = {
  beg_bates: 'bates_start',
  begbates: 'bates_start',
  begdoc: 'bates_start',
  beg_doc: 'bates_start',
  bates_begin: 'bates_start',
  prod_beg: 'bates_start',
  bates_number: 'bates_start',
  id: 'nextpoint_id',
  np_id: 'nextpoint_id',
  nextpointid: 'nextpoint_id',
  nextpoint_document_id: 'nextpoint_id',
  from: 'email_author',
  to: 'recipients',
  subject: 'email_subject',
  date_sent: 'email_sent',
  custodian: 'custodians',
  custodian_s: 'custodians',
};

/** The fields that locate a document, in the order in which they are used. */
export const keyFields = ['nextpoint_id', 'bates_start'];

/**
 * A header in lower case, with one underline for every run of what is no letter or digit, split where a lower-case
 * letter meets an upper-case one.
 */
export function coerced(header: string): string {
  return header
    .replaceAll(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, '')
    .normalize('NFKC')
    .replaceAll(/(\p{Ll})(?=\p{Lu})/gu, '$1_')
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Mark}\p{Number}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
}

/** The field that a header names, unless a mapping says otherwise: aliases included. */
export function fieldNamed(header: string): string {
  const name = coerced(header);
  return Object.hasOwn(aliases, name) ? aliases[name]! : name;
}
