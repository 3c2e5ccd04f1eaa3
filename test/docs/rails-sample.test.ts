// The Ruby sample of docs/rails, run by Debian's Ruby against the service.
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { beforeAll, expect } from 'vitest';
import { caseIds, connectAsAdmin, emails } from '../../local/database/seed.ts';
import { ensurePackages } from '../../local/debian.ts';
import { it as base } from '../support/stack.ts';

const gems = ['-rset', '-raws-sigv4', '-rjson_schemer', '-rmysql2'];

beforeAll(() => {
  if (spawnSync('ruby', [...gems, '-e', '']).status === 0) return;
  ensurePackages('Ruby', ['ruby', 'ruby-aws-sigv4', 'ruby-json-schemer', 'ruby-mysql2']);
});

/** Runs Ruby with a publisher, the table of jobs and a consumer; gives what the code's last value is as JSON. */
type Ruby = <Result>(code: string) => Promise<Result>;

const it = base.extend('ruby', { scope: 'file' }, async ({ stack }): Promise<Ruby> => {
  const { clients, database, credentials } = stack;
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'ruby-events' }));
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  await clients.sns.send(
    new SubscribeCommand({
      TopicArn: stack.topicArn,
      Protocol: 'sqs',
      Endpoint: Attributes!.QueueArn,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  const admin = await connectAsAdmin(database, 'mysql');
  await admin.query('CREATE DATABASE platform');
  await admin.end();
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: stack.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    SNS_TOPIC_ARN: stack.topicArn,
  };
  const { host, port } = database;
  const { user, password } = database.admin;
  const start = `
    require './docs/rails/report_service'
    reports = ReportService::Publisher.new
    jobs = ReportService::Jobs.new(Mysql2::Client.new(host: '${host}', port: ${port}, username: '${user}',
      password: '${password}', database: 'platform', database_timezone: :utc, application_timezone: :utc))
    jobs.create_table
    consumer = ReportService::Consumer.new('${QueueUrl}', jobs)
    priya = { user_id: 2, email: '${emails.paralegal}' }
    follow = lambda do |type, id, until_state|
      consumer.poll until jobs.find(type, id)['state'] == until_state
      jobs.find(type, id)
    end
  `;
  return async (code) => {
    const script = `${start}; result = begin; ${code}; end; puts JSON.generate(result)`;
    const { stdout } = await promisify(execFile)('ruby', ['-W1', '-e', script], { env });
    return JSON.parse(stdout);
  };
});

type Job = { state: string; file_name: string; key: string; occurred_at: string; error: string | null };

it('asks for a report, follows it to its end, and signs an address that gives the file', async ({ ruby }) => {
  const { job, url } = await ruby<{ job: Job; url: string }>(`
    jobs.create('page_count', 'from-ruby', ${caseIds.pumps}, 2)
    reports.request('page_count', case_id: ${caseIds.pumps}, **priya, job_id: 'from-ruby',
      parameters: { groupBy: 'relevancy' }, delivery: { mode: 'in_app' })
    job = follow.call('page_count', 'from-ruby', 'completed')
    { job: job, url: ReportService.download_url(job) }
  `);
  const answer = await fetch(url);
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${job.file_name}"`);
  expect(await answer.text()).toContain('Relevancy Status');
});

it('applies an event once, and none that is older than what it knows', async ({ ruby }) => {
  const event = JSON.parse(readFileSync('contract/samples/events/report-completed.json', 'utf8'));
  const { reportType } = event.eventDetail;
  const changes = await ruby<{ changed: boolean[]; state: string }>(`
    jobs.create('${reportType}', '${event.jobId}', ${event.caseId}, 2)
    completed = JSON.parse(<<~'JSON')
      ${JSON.stringify(event)}
    JSON
    late = { **completed, 'eventType' => 'REPORT_STARTED',
      'eventDetail' => { **completed['eventDetail'], 'occurredAt' => '2020-01-01T00:00:00.000Z' } }
    { changed: [completed, completed, late].map { |each| jobs.apply(each) },
      state: jobs.find('${reportType}', '${event.jobId}')['state'] }
  `);
  expect(changes).toEqual({ changed: [true, false, false], state: 'completed' });
});

it('applies events of a slot or of a report that was started anew to the job that was asked for', async ({
  ruby,
}) => {
  const event = JSON.parse(readFileSync('contract/samples/events/report-failed.json', 'utf8'));
  const { reportType } = event.eventDetail;
  const job = await ruby<Job>(`
    jobs.create('${reportType}', 'first', ${event.caseId}, 2)
    failed = JSON.parse(<<~'JSON')
      ${JSON.stringify({ ...event, jobId: 'first-r2' })}
    JSON
    failed['eventDetail']['originalJobId'] = 'first'
    jobs.apply(failed)
    jobs.find('${reportType}', 'first')
  `);
  expect(job).toMatchObject({ state: 'failed', error: event.eventDetail.error });
});

it('refuses a request that breaks the contract, and publishes nothing', async ({ ruby, stack }) => {
  const problems = await ruby<string[]>(`
    begin
      reports.request('page_count', case_id: ${caseIds.pumps}, **priya, job_id: 'broken',
        parameters: { groupBy: 'colour' }, delivery: { recipients: [] })
    rescue ReportService::InvalidRequest => error
      error.problems
    end
  `);
  expect(problems.sort()).toEqual([
    'eventDetail.delivery.recipients: is wrong (minItems)',
    'eventDetail.parameters.groupBy: is wrong (enum)',
  ]);
  expect(stack.rails.messages.filter(({ jobId }) => jobId === 'broken')).toEqual([]);
});

it('cancels a report', async ({ ruby, stack }) => {
  const lock = await connectAsAdmin(stack.database, `nextpoint_case_${caseIds.pumps}`);
  await lock.query('LOCK TABLES deposition_volumes WRITE');
  const job = await ruby<Job>(`
    jobs.create('transcript_metadata', 'unwanted', ${caseIds.pumps}, 2)
    reports.request('transcript_metadata', case_id: ${caseIds.pumps}, **priya, job_id: 'unwanted')
    follow.call('transcript_metadata', 'unwanted', 'running')
    reports.cancel('transcript_metadata', 'unwanted', case_id: ${caseIds.pumps}, **priya)
    follow.call('transcript_metadata', 'unwanted', 'cancelled')
  `);
  await lock.end();
  expect(job).toMatchObject({ state: 'cancelled', key: null });
});

const replacements = /^### Replace the old jobs$[\s\S]*?```ruby\n([\s\S]*?)```/m.exec(
  readFileSync('docs/rails.md', 'utf8'),
)![1]!;

it('asks for what each of the old jobs made, by the lines of docs/rails.md', async ({ ruby }) => {
  const published = await ruby<string[]>(`
    published = []
    publisher = Class.new(ReportService::Publisher) do
      define_method(:publish) { |_, _, _, detail| published << detail[:reportType] }
    end
    user = Struct.new(:id, :email).new(2, '${emails.paralegal}')
    npcase = Struct.new(:id).new(${caseIds.pumps})
    load_file_key = 'development/cases/${caseIds.pumps}/requests/overlay.csv'
    terms_key = 'development/cases/${caseIds.pumps}/requests/terms.json'
    ids = [14, 11]
    reports = publisher.new
    ${replacements.replaceAll('ReportService::Publisher.new', 'publisher.new')}
    published
  `);
  const jobs = [...replacements.matchAll(/^# (\w+)/gm)].map(([, job]) => job);
  expect(published).toHaveLength(jobs.length);
  expect(new Set(published).size).toBe(jobs.length);
});
