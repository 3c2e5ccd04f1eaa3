// Measures the function that writes the PDF of a deposition search, on the local stack:
// `node bench/deposition-search.ts [hits] [layout]`, 20,000 and `hits` by default. Each page of testimony has one hit.
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { caseIds, caseSchema, connectAsAdmin } from '../local/database/seed.ts';
import { startStack } from '../local/stack.ts';
import { request } from '../test/support/messages.ts';

const hits = Number(process.argv[2] ?? 20_000);
const layout = process.argv[3] ?? 'hits';
const pagesOfVolume = 200;
const firstVolume = 1000;
const caseId = caseIds.pumps;
const text = (page: string) =>
  `CONCAT('    A.  On ', ${page} * 7919 % 9973, ' we found the seal of pump ', ${page}, ' worn.')`;

const stack = await startStack({ waitTimeScale: 0.01, quiet: true });
try {
  const connection = await connectAsAdmin(stack.database, caseSchema(caseId));
  const volumes = Math.ceil(hits / pagesOfVolume);
  for (let volume = firstVolume; volume < firstVolume + volumes; volume++) {
    const values = {
      id: volume,
      npcase_id: caseId,
      deposition_id: 1,
      volume: `${volume}`,
      created_at: '2026-01-05 09:00:00',
    };
    await connection.query('INSERT INTO deposition_volumes SET ?', values);
    await connection.query(`
      INSERT INTO deposition_lines (npcase_id, deposition_volume_id, page, line, content)
      WITH RECURSIVE places (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place < 999)
      SELECT ${caseId}, ${volume}, 1 + (1000 * part + place) DIV 25, 1 + place % 25,
        IF(place % 25 = 12, ${text('1 + (1000 * part + place) DIV 25')},
          CONCAT('    Q.  Question ', place * 7919 % 10007, ': what did the ', ELT(1 + place % 4, 'log', 'engineer', 'Müller', 'Одеса'), ' say of it?'))
      FROM places JOIN (SELECT 0 AS part UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) AS parts`);
  }
  const [lines] = await connection.query(
    `SELECT deposition_volume_id AS volume, page, line, content FROM deposition_lines
     WHERE deposition_volume_id >= ${firstVolume} AND line = 13 ORDER BY deposition_volume_id, page`,
  );
  await connection.end();
  stack.search.testimony.set(caseId, lines as never);

  const { bucket: Bucket, clients } = stack;
  const Key = `development/cases/${caseId}/requests/bench.json`;
  const parameters = { query: 'seal', maxHits: hits, layout, includeDesignations: true };
  await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(parameters) }));
  const detail = { reportType: 'deposition_search_pdf', parametersKey: Key, delivery: { mode: 'in_app' } };
  await stack.rails.publish(request('bench', detail));
  const ends = ['REPORT_COMPLETED', 'REPORT_FAILED'];
  const { eventType, eventDetail } = await stack.rails.waitFor((event) => ends.includes(event.eventType));
  if (eventType !== 'REPORT_COMPLETED') throw new Error(`${eventType}: ${eventDetail.cause}`);
  const executionArn = eventDetail.reportExecutionArn;
  const { events } = await clients.sfn.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
  );
  const momentOf = (kind: 'stateEnteredEventDetails' | 'stateExitedEventDetails') =>
    events!.find((event) => event[kind]?.name === 'Export testimony')!.timestamp!.getTime();
  const seconds = (momentOf('stateExitedEventDetails') - momentOf('stateEnteredEventDetails')) / 1000;
  const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key: eventDetail.file.key }));
  const pages = (await Body!.transformToString('latin1')).match(/\/Type \/Page\b/g)!.length;
  const { maxMemoryUsed } = stack.functions['reports-development-export-testimony']!;
  console.log(
    `${eventDetail.file.rows.toLocaleString('en')} hits, ${pages.toLocaleString('en')} pages, ` +
      `${(eventDetail.file.bytes / 1e6).toFixed(1)} MB: ${seconds.toFixed(1)} s, ${maxMemoryUsed} MB`,
  );
} finally {
  await stack.stop();
}
