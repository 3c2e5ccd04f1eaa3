-- The folders and statuses that the request names, as far as the case has them.
SELECT 'folder' AS kind, CONVERT(id USING utf8mb4) COLLATE utf8mb4_bin AS name FROM folders WHERE id IN (:folderIds)
UNION ALL
SELECT 'status', CONVERT(MIN(value) USING utf8mb4) COLLATE utf8mb4_bin
FROM (
  SELECT
    CAST(CASE :logType
      WHEN 'privilege' THEN CONVERT(privilege_status USING utf8mb4)
      WHEN 'relevancy' THEN CONVERT(relevancy_status USING utf8mb4)
      ELSE CONVERT(confidentiality_code USING utf8mb4)
    END AS BINARY) AS value
  FROM exhibits
  WHERE :layout = 'document' AND trashed_at IS NULL
  UNION ALL
  SELECT CAST(CONVERT(new_value USING utf8mb4) AS BINARY) FROM privilege_logs
  WHERE :layout = 'history' AND :logType = 'privilege'
  UNION ALL
  SELECT CAST(CONVERT(new_value USING utf8mb4) AS BINARY) FROM relevancy_logs
  WHERE :layout = 'history' AND :logType = 'relevancy'
  UNION ALL
  SELECT CAST(CONVERT(new_value USING utf8mb4) AS BINARY) FROM confidentiality_logs
  WHERE :layout = 'history' AND :logType = 'confidentiality'
) AS statuses
WHERE value IN (:statuses)
GROUP BY value
