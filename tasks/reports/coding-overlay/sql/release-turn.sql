UPDATE overlay_turns SET job_id = NULL, load_file = NULL, taken_at = NULL WHERE npcase_id = :caseId AND job_id = :jobId
