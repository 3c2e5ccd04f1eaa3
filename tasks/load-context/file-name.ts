// The key and the name of a report's file.

/**
 * `<report>_<database>_<YYYYMMDD-HHMMSS>`, in ASCII; what follows the dot is the format's.
 * @param owner `cases/{id}` or `accounts/{id}`: what a name without Latin letters is replaced by
 * @param startedAt `YYYY-MM-DD HH:MM:SS` in the report's zone
 */
export function fileName(report: string, owner: string, name: string, startedAt: string): string {
  const time = startedAt.replaceAll(/[-:]/g, '').replace(' ', '-');
  return `${slug(report)}_${slug(name) || slug(owner.replace('s/', '-'))}_${time}`;
}

/** A name without accents and signs, at most 60 characters; empty when it has no Latin letters and no digits. */
function slug(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-|-$/g, '');
}
