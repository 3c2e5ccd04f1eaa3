-- The transcripts in scope, in the order of the report.
SELECT
  volumes.id,
  IF(volumes.deposition_id IS NULL, volumes.title, CONCAT_WS(
    ', ',
    NULLIF(TRIM(depositions.last_name), ''),
    NULLIF(TRIM(CONCAT_WS(' ', depositions.first_name, depositions.middle_initial)), ''),
    NULLIF(TRIM(depositions.name_suffix), '')
  )) AS deponent,
  COALESCE(volumes.deposition_id, -volumes.id) AS deponentId,
  IF(volumes.deposition_id IS NULL, 'Proceeding', 'Deposition') AS type,
  volumes.known_date AS date,
  volumes.volume,
  -- The setting Start Page says which number the first page of the file bears.
  COALESCE(volumes.start_page, 1) - 1 AS pagesBefore,
  EXISTS (SELECT 1 FROM deposition_lines WHERE deposition_volume_id = volumes.id) AS hasText
FROM (
  SELECT id, deposition_id, title, volume, start_page, IF(volume_date >= '1000-01-01', volume_date, NULL) AS known_date
  FROM deposition_volumes
) AS volumes
LEFT JOIN depositions ON depositions.id = volumes.deposition_id
WHERE (:scope = 'both' OR (volumes.deposition_id IS NULL) = (:scope = 'proceedings'))
  -- Who chooses deponents wants no proceedings.
  AND IFNULL(COALESCE(volumes.deposition_id, 0) IN (:deponentIds), TRUE)
  AND IFNULL(volumes.id IN (:volumeIds), TRUE)
  AND (:dateFrom IS NULL OR volumes.known_date >= :dateFrom)
  AND (:dateTo IS NULL OR volumes.known_date <= :dateTo)
ORDER BY
  IF(:sort = 'date', volumes.known_date IS NULL, FALSE),
  IF(:sort = 'date', volumes.known_date, NULL),
  volumes.deposition_id IS NULL,
  CONVERT(COALESCE(depositions.last_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(depositions.first_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(depositions.middle_initial, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  volumes.deposition_id,
  volumes.known_date IS NULL,
  volumes.known_date,
  CONVERT(volumes.volume USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  volumes.id
