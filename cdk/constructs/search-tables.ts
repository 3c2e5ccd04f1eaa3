import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';

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

const gibibyte = 1024 ** 3;

/** The catalog and the workgroup that searches are counted with. Nothing is created when a report runs. */
export class SearchTables extends Construct {
  readonly database: string;
  readonly workGroup: string;

  /** @param bucket the name of the bucket, under whose `tmp/` everything lies */
  constructor(scope: Construct, config: Config, bucket: string) {
    super(scope, 'SearchTables');
    const { account } = Stack.of(this);
    this.database = `reports_${config.environment}`;
    this.workGroup = `reports-${config.environment}-search-hits`;
    const database = new CfnDatabase(this, 'Database', {
      catalogId: account,
      databaseInput: { name: this.database, description: 'Hits of searches, by case, run and attempt' },
    });
    for (const [name, { folder, columns }] of Object.entries(searchTables)) {
      const location = `s3://${bucket}/${config.environment}/tmp/search_hit-`;
      const table = new CfnTable(this, name, {
        catalogId: account,
        databaseName: this.database,
        tableInput: {
          name,
          tableType: 'EXTERNAL_TABLE',
          partitionKeys: partitionKeys.map((key) => ({ name: key, type: 'string' })),
          parameters: {
            classification: 'parquet',
            'projection.enabled': 'true',
            // Injected: Athena refuses a query that does not say which case, run and attempt it reads.
            ...Object.fromEntries(partitionKeys.map((key) => [`projection.${key}.type`, 'injected'])),
            'storage.location.template': `${location}\${run}/case=\${case_id}/attempt=\${attempt}/${folder}/`,
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
    const workGroup = new CfnWorkGroup(this, 'WorkGroup', {
      name: this.workGroup,
      description: 'Counts of the search hit report',
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: 20 * gibibyte,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${bucket}/${config.environment}/tmp/search-results/`,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    });
    workGroup.applyRemovalPolicy(RemovalPolicy.DESTROY);
  }
}
