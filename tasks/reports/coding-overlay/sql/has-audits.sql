SELECT 1 FROM model_audits WHERE job_id = :jobId LIMIT 1
