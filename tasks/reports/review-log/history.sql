-- One row a change of a status.
SELECT
  changes.created_at AS `Changed At`,
  :timeZone AS `Time Zone`,
  CONCAT(UPPER(LEFT(:logType, 1)), SUBSTRING(:logType, 2)) AS `Log Type`,
  changes.exhibit_id AS `Nextpoint ID`,
  exhibits.bates_start AS `Bates Start`,
  exhibits.bates_end AS `Bates End`,
  exhibits.title AS `Title`,
  changes.previous_value AS `Previous Value`,
  changes.new_value AS `New Value`,
  changes.notes AS `Notes`,
  case_users.name AS `User Name`,
  case_users.email AS `User Email`,
  CONCAT(UPPER(LEFT(changes.change_source, 1)), SUBSTRING(changes.change_source, 2)) AS `Change Source`,
  IF(exhibits.id, IF(exhibits.trashed_at, 'Yes', 'No'), NULL) AS `In Trash`
FROM (
  SELECT id, exhibit_id, previous_value, new_value, notes, user_id, change_source, created_at
  FROM privilege_logs WHERE :logType = 'privilege'
  UNION ALL
  SELECT id, exhibit_id, previous_value, new_value, notes, user_id, change_source, created_at
  FROM relevancy_logs WHERE :logType = 'relevancy'
  UNION ALL
  SELECT id, exhibit_id, previous_value, new_value, notes, user_id, change_source, created_at
  FROM confidentiality_logs WHERE :logType = 'confidentiality'
) AS changes
LEFT JOIN exhibits ON exhibits.id = changes.exhibit_id
LEFT JOIN case_users ON case_users.user_id = changes.user_id
WHERE COALESCE(CAST(CONVERT(COALESCE(changes.new_value, '') USING utf8mb4) AS BINARY) IN (:statuses), TRUE)
  AND (:everything OR changes.exhibit_id IN (SELECT exhibit_id FROM folder_exhibits WHERE folder_id IN (:folderIds)))
  AND (:fromUtc IS NULL OR changes.created_at >= :fromUtc)
  AND (:beforeUtc IS NULL OR changes.created_at < :beforeUtc)
ORDER BY
  IF(:sort = 'date', changes.created_at, NULL),
  IF(:sort = 'bates', exhibits.bates_start IS NULL, NULL),
  CONVERT(IF(:sort = 'bates', exhibits.bates_start, NULL) USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  IF(:sort = 'date', NULL, changes.exhibit_id),
  changes.created_at,
  changes.id
