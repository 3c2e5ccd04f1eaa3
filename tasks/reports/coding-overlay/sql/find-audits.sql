-- The documents that a job changed, in this chunk or, with a negative number, in any.
SELECT auditable_id AS id FROM model_audits
WHERE job_id = :jobId AND auditable_id IN (:ids) AND auditable_type = 'Exhibit' AND (chunk = :chunk OR :chunk < 0)
