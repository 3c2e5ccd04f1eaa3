-- The databases of an account, in the order of the report.
SELECT
  npcases.id            AS caseId,
  npcases.name          AS name,
  CASE npcases.case_type
    WHEN 'review' THEN 'Discovery'
    WHEN 'trial_prep' THEN 'Litigation'
    ELSE npcases.case_type
  END                   AS type,
  npcases.status        AS status,
  npcases.project_name  AS projectName,
  npcases.client_number AS clientNumber,
  npcases.matter_number AS matterNumber
FROM npcases
WHERE npcases.account_id = :accountId
ORDER BY CONVERT(npcases.name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci, npcases.id
