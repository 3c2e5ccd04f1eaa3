-- The deponents and labels that the request names, as far as the case has them.
SELECT 'deponent' AS kind, CONVERT(id USING utf8mb4) COLLATE utf8mb4_bin AS name FROM depositions WHERE id IN (:deponentIds)
UNION ALL
SELECT 'label', CONVERT(name USING utf8mb4) COLLATE utf8mb4_bin
FROM labels
WHERE CAST(CONVERT(name USING utf8mb4) AS BINARY) IN (:labels)
