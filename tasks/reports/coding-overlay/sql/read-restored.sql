SELECT restored_by AS restoredBy FROM restored_overlays WHERE job_id = :jobId
