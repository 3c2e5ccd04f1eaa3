UPDATE overlay_turns
SET job_id = :jobId, load_file = :loadFile, fencing_number = fencing_number + 1, taken_at = UTC_TIMESTAMP()
WHERE npcase_id = :caseId
