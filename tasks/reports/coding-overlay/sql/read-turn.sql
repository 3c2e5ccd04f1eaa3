SELECT
  job_id AS jobId,
  load_file AS loadFile,
  fencing_number AS fencingNumber,
  taken_at < UTC_TIMESTAMP() - INTERVAL 14 DAY AS isOld
FROM overlay_turns
WHERE npcase_id = :caseId
{lock}
