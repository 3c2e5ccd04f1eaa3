import { join } from 'node:path';
import type { GlueJob } from '../aws/emulators/glue.ts';
import { download, literal, locationOf, upload, withDuckDb } from '../aws/emulators/parquet.ts';

/** The columns of what the search backend writes, by table; docs/search-backend.md says what they hold. */
const tables = {
  hits: { term: 'BIGINT', document_id: 'BIGINT', family_id: 'BIGINT' },
  documents: { document_id: 'BIGINT', family_id: 'BIGINT', document_date: 'DATE', in_scope: 'BOOLEAN' },
  custodians: { document_id: 'BIGINT', custodian: 'VARCHAR' },
};

/** The Glue job that turns the CSV of a search into Parquet, one folder a table: `--input` and `--output` say where. */
export const convertHits: GlueJob = async (jobArguments, s3, signal) => {
  const [input, output] = ['--input', '--output'].map((name) => {
    const url = jobArguments[name];
    if (!url) throw new Error(`The argument ${name} is missing`);
    return locationOf(url);
  });
  for (const [table, columns] of Object.entries(tables)) {
    await withDuckDb(signal, async (connection, folder) => {
      const source = { bucket: input!.bucket, prefix: `${input!.prefix}${table}/` };
      const { files } = await download(s3, source, folder);
      if (!files.length) return;
      const types = Object.entries(columns).map(([name, type]) => `${name}: ${literal(type)}`);
      const options = `header = true, nullstr = '', columns = {${types.join()}}`;
      const file = join(folder, 'result.parquet');
      await connection.run(
        `COPY (SELECT * FROM read_csv([${files.map(literal).join()}], ${options})) TO ${literal(file)} (FORMAT parquet)`,
      );
      await upload(
        s3,
        { bucket: output!.bucket, prefix: `${output!.prefix}${table}/part-00000.parquet` },
        file,
      );
    });
  }
};
