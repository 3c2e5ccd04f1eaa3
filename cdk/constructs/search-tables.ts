import { Aws } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { Arns } from '../arns.ts';
import { type Config, searchDatabase, searchWorkGroup } from '../config.ts';

/** The tables that the queries of the search hit report read, with what the Glue job writes into each. */
export const searchTables = {
  search_hits: { folder: 'hits', columns: { term: 'bigint', document_id: 'bigint', family_id: 'bigint' } },
  search_documents: {
    folder: 'documents',
    columns: { document_id: 'bigint', family_id: 'bigint', document_date: 'date', in_scope: 'boolean' },
  },
  search_custodians: { folder: 'custodians', columns: { document_id: 'bigint', custodian: 'string' } },
} as const;

/** A partition is one attempt at converting one search; whoever reads names all three. */
export const partitionKeys = ['case_id', 'run', 'attempt'] as const;

/** The catalog and the workgroup that searches are counted with. Nothing is created when a report runs. */
export class SearchTables extends Construct {
  constructor(scope: Construct, config: Config) {
    super(scope, 'SearchTables');
    const { bucketName } = new Arns(config, Aws.ACCOUNT_ID);
    const folder = `s3://${bucketName}/${config.environment}/tmp`;
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: {
        name: searchDatabase(config),
        description: 'Hits of searches, by case, run and attempt',
      },
    });
    for (const [name, { folder: subfolder, columns }] of Object.entries(searchTables)) {
      const location = `${folder}/search_hit-`;
      const table = new CfnTable(this, name, {
        catalogId: Aws.ACCOUNT_ID,
        databaseName: searchDatabase(config),
        tableInput: {
          name,
          tableType: 'EXTERNAL_TABLE',
          partitionKeys: partitionKeys.map((key) => ({ name: key, type: 'string' })),
          parameters: {
            classification: 'parquet',
            'projection.enabled': 'true',
            // Injected: Athena refuses a query that does not say which case, run and attempt it reads.
            ...Object.fromEntries(partitionKeys.map((key) => [`projection.${key}.type`, 'injected'])),
            'storage.location.template': `${location}\${run}/case=\${case_id}/attempt=\${attempt}/${subfolder}/`,
          },
          storageDescriptor: {
            location,
            columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
            inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
            outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
            serdeInfo: {
              serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
            },
          },
        },
      });
      table.addResourceDependency(database);
    }
    new CfnWorkGroup(this, 'WorkGroup', {
      name: searchWorkGroup(config),
      description: 'Counts of the search hit report',
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: config.search.bytesScannedLimit,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `${folder}/search-results/`,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    });
  }
}
