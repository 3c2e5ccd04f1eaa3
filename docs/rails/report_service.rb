# frozen_string_literal: true

# The platform's side of the report service: asks for reports, follows their events, cancels them and signs downloads.
# In a Rails application the AWS SDK makes these calls. This sample signs them itself, so that it runs on Debian's packages:
#   apt-get install ruby ruby-aws-sigv4 ruby-json-schemer ruby-mysql2

require 'set' # json_schemer forgets it.
require 'aws-sigv4'
require 'json'
require 'json_schemer'
require 'mysql2'
require 'net/http'
require 'securerandom'
require 'time'
require 'uri'

module ReportService
  CONTRACT = File.expand_path('../../contract', __dir__)
  REQUEST_SCHEMA = JSONSchemer.schema(JSON.parse(File.read("#{CONTRACT}/request.schema.json")))

  # The request breaks the contract. `problems` says where and how; nothing was published.
  class InvalidRequest < StandardError
    attr_reader :problems

    def initialize(problems)
      @problems = problems
      super(problems.join("\n"))
    end
  end

  # Calls to AWS with a signature of version 4.
  class Aws4
    def initialize(region: ENV.fetch('AWS_REGION'), endpoint: ENV.fetch('AWS_ENDPOINT_URL', nil))
      @region = region
      @endpoint = endpoint
    end

    # Calls an action of a query service, such as SNS. Raises when the answer is no success, so that the caller tries again.
    def query(service, version, parameters)
      post(service, URI.encode_www_form(parameters.merge('Version' => version)), 'application/x-www-form-urlencoded')
    end

    # Calls an action of SQS. Returns the answer as a hash.
    def sqs(action, parameters)
      headers = { 'x-amz-target' => "AmazonSQS.#{action}" }
      answer = post('sqs', JSON.generate(parameters), 'application/x-amz-json-1.0', headers)
      answer.empty? ? {} : JSON.parse(answer)
    end

    # An address of an object that works for `seconds` without a login.
    def presigned_url(bucket, key, seconds, query)
      path = "#{@endpoint ? "/#{bucket}" : ''}/#{key.split('/').map { |part| escape(part) }.join('/')}"
      host = @endpoint || "https://#{bucket}.s3.#{@region}.amazonaws.com"
      pairs = query.map { |name, value| "#{name}=#{escape(value)}" }.join('&')
      signer('s3').presign_url(http_method: 'GET', url: "#{host}#{path}?#{pairs}", expires_in: seconds).to_s
    end

    private

    def post(service, body, type, headers = {})
      uri = URI("#{@endpoint || "https://#{service}.#{@region}.amazonaws.com"}/")
      headers = headers.merge('content-type' => type)
      signature = signer(service).sign_request(http_method: 'POST', url: uri.to_s, headers: headers, body: body)
      answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') do |http|
        http.post(uri.request_uri, body, headers.merge(signature.headers))
      end
      raise "#{service} answered #{answer.code}: #{answer.body}" unless answer.is_a?(Net::HTTPSuccess)

      answer.body
    end

    def signer(service)
      Aws::Sigv4::Signer.new(
        service: service, region: @region, uri_escape_path: service != 's3',
        access_key_id: ENV.fetch('AWS_ACCESS_KEY_ID'), secret_access_key: ENV.fetch('AWS_SECRET_ACCESS_KEY'),
        session_token: ENV.fetch('AWS_SESSION_TOKEN', nil)
      )
    end

    def escape(text)
      URI.encode_www_form_component(text).gsub('+', '%20').gsub('%7E', '~')
    end
  end

  # Publishes requests and cancels.
  class Publisher
    def initialize(topic_arn: ENV.fetch('SNS_TOPIC_ARN'), aws: Aws4.new)
      @topic_arn = topic_arn
      @aws = aws
    end

    # Asks for a report. `detail` has `parameters`, `delivery`, `timeZone`, `format` and `schedule`,
    # or `repeatOf` and `dryRun`.
    # Returns the jobId. Raises InvalidRequest before anything is published.
    def request(report_type, case_id:, user_id:, email:, job_id: "rpt-#{SecureRandom.hex(8)}", **detail)
      event_detail = { reportType: report_type, requestedBy: { userId: user_id, email: email }, **detail }
      check(jobId: job_id, caseId: case_id, eventDetail: event_detail)
      publish('REPORT_REQUESTED', job_id, case_id, event_detail)
    end

    # Cancels a report in the name of a user. Check first that the user may: the service does not.
    def cancel(report_type, job_id, case_id:, user_id:, email:)
      requested_by = { userId: user_id, email: email }
      publish('REPORT_CANCEL_REQUESTED', job_id, case_id, { reportType: report_type, requestedBy: requested_by })
    end

    private

    # The service checks again, and knows more: who may ask, and what is in the database.
    def check(request)
      problems = REQUEST_SCHEMA.validate(JSON.parse(JSON.generate(request))).map do |problem|
        place = problem['data_pointer'].delete_prefix('/').tr('/', '.')
        "#{place}: #{problem.dig('details', 'missing_keys')&.join(', ')&.concat(' is missing') || "is wrong (#{problem['type']})"}"
      end
      raise InvalidRequest, problems unless problems.empty?
    end

    def publish(event_type, job_id, case_id, event_detail)
      message = {
        source: 'rails', eventType: event_type, jobId: job_id, caseId: case_id, batchId: nil, status: 'SUCCESS',
        timestamp: Time.now.utc.iso8601(3), eventDetail: event_detail
      }
      attributes = { 'eventType' => event_type, 'caseId' => case_id&.to_s }.compact
      named = attributes.each_with_index.to_h do |(name, value), index|
        place = "MessageAttributes.entry.#{index + 1}"
        [place, { 'Name' => name, 'Value.DataType' => 'String', 'Value.StringValue' => value }]
      end
      flat = named.flat_map { |place, values| values.map { |field, value| ["#{place}.#{field}", value] } }.to_h
      @aws.query('sns', '2010-03-31',
                 { 'Action' => 'Publish', 'TopicArn' => @topic_arn, 'Message' => JSON.generate(message) }.merge(flat))
      job_id
    end
  end

  # The table of jobs, and the one place that changes it.
  class Jobs
    STATES = { 'REPORT_STARTED' => 'running', 'REPORT_PROGRESS' => 'running', 'REPORT_COMPLETED' => 'completed',
               'REPORT_FAILED' => 'failed', 'REPORT_CANCELLED' => 'cancelled' }.freeze

    def initialize(database)
      @database = database
    end

    def create_table
      @database.query(<<~SQL)
        CREATE TABLE IF NOT EXISTS reports (
          id BIGINT AUTO_INCREMENT PRIMARY KEY,
          report_type VARCHAR(58) NOT NULL, job_id VARCHAR(58) NOT NULL,
          state VARCHAR(16) NOT NULL DEFAULT 'requested',
          npcase_id BIGINT, requested_by_id BIGINT NOT NULL,
          occurred_at DATETIME(3), progress JSON, recipients JSON,
          error VARCHAR(255), cause TEXT,
          bucket VARCHAR(255), `key` VARCHAR(1024), file_name VARCHAR(255), expires_at DATETIME,
          UNIQUE (report_type, job_id)
        )
      SQL
    end

    # To be called before the request is published, so that no event comes too early.
    def create(report_type, job_id, npcase_id, requested_by_id)
      run('INSERT INTO reports (report_type, job_id, npcase_id, requested_by_id) VALUES (?, ?, ?, ?)',
          report_type, job_id, npcase_id, requested_by_id)
    end

    def find(report_type, job_id)
      run('SELECT * FROM reports WHERE report_type = ? AND job_id = ?', report_type, job_id).first
    end

    # Applies an event. Events overtake each other and come twice: the greatest occurredAt wins, in one statement, so that
    # several consumers can run. The report of a schedule's slot, and one that was started anew, carry the jobId of the row as
    # originalJobId. Returns whether the row changed.
    def apply(event)
      state = STATES[event['eventType']]
      # Refusals, schedules and mail problems do not change the state of a report.
      return false unless state

      detail = event['eventDetail']
      file = detail['file'] || {}
      moment = Time.iso8601(detail['occurredAt']).utc
      values = {
        state: state, occurred_at: moment, progress: json(detail['progress']),
        recipients: json(detail.dig('delivery', 'recipients')), error: detail['error'], cause: detail['cause'],
        bucket: file['bucket'], key: file['key'], file_name: file['name'],
        expires_at: file['expiresAt'] && Time.iso8601(file['expiresAt']).utc
      }
      run("UPDATE reports SET #{values.keys.map { |column| "`#{column}` = ?" }.join(', ')}
           WHERE report_type = ? AND job_id = ? AND (occurred_at IS NULL OR occurred_at < ?)",
          *values.values, detail['reportType'], detail['originalJobId'] || event['jobId'], moment)
      @database.affected_rows.positive?
    end

    private

    def run(sql, *values)
      @database.prepare(sql).execute(*values)
    end

    def json(value)
      value && JSON.generate(value)
    end
  end

  # Applies the events of a queue, which is subscribed with raw message delivery.
  class Consumer
    def initialize(queue_url, jobs, aws: Aws4.new)
      @queue_url = queue_url
      @jobs = jobs
      @aws = aws
    end

    # Receives up to ten messages, and deletes each once it is applied: what fails comes again. Returns the events.
    def poll
      answer = @aws.sqs('ReceiveMessage', 'QueueUrl' => @queue_url, 'MaxNumberOfMessages' => 10, 'WaitTimeSeconds' => 20)
      (answer['Messages'] || []).map do |message|
        event = JSON.parse(message['Body'])
        @jobs.apply(event) if event['source'] == 'reports'
        @aws.sqs('DeleteMessage', 'QueueUrl' => @queue_url, 'ReceiptHandle' => message['ReceiptHandle'])
        event
      end
    end
  end

  # The address to which the download route redirects; nil when there is no file, or it has expired.
  # Authorize the click first: see "The download route" in docs/rails.md.
  def self.download_url(job, aws: Aws4.new, now: Time.now.utc)
    return if job.nil? || job['key'].nil? || job['expires_at'] < now

    name = job['file_name']
    aws.presigned_url(job['bucket'], job['key'], 300,
                      'response-content-disposition' => "attachment; filename=\"#{name}\"")
  end
end
