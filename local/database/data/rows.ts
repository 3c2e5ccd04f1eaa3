// The form of the sample data, and rows that several accounts have.

/** Rows to insert, column by column name. */
export type Table = Record<string, string | number | boolean | null>[];
export type Tables = Record<string, Table>;

/** An account with its users, and its databases. */
export type Account = {
  /** Its rows in the core schema. */
  core: Tables;
  /** The rows of each case that has a schema. */
  cases: Record<number, Tables>;
  /** The ways in which the schema of a case differs from the others. */
  drift?: Record<number, string>;
};

export const created = '2026-01-05 09:00:00';
export const access = (npcase_id: number, user_id: number, access_level: string) => ({
  npcase_id,
  user_id,
  access_level,
  created_at: created,
});
export const deponent = (id: number, last_name: string | null, first_name: string | null, more = {}) => ({
  id,
  last_name,
  first_name,
  created_at: created,
  ...more,
});
