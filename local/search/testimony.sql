-- The text of a case's transcripts. A list of 0 alone is no filter.
SELECT deposition_volume_id AS volume, page, line, content
FROM deposition_lines
JOIN deposition_volumes ON deposition_volumes.id = deposition_volume_id
WHERE (:scope = 'both' OR (deposition_id IS NULL) = (:scope = 'proceedings'))
  AND (0 IN (:deponentIds) OR deposition_id IN (:deponentIds))
  AND (0 IN (:volumeIds) OR deposition_volumes.id IN (:volumeIds))
  AND (:dateFrom IS NULL OR volume_date >= :dateFrom)
  AND (:dateTo IS NULL OR volume_date <= :dateTo)
ORDER BY deposition_volume_id, page, line
