INSERT IGNORE INTO restored_overlays (job_id, npcase_id, restored_by, created_at)
VALUES (:restores, :caseId, :jobId, UTC_TIMESTAMP())
