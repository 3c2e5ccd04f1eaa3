-- One row for each deponent (or proceeding) and label: sums over the clips, so that a line in two clips counts twice.
-- The lists of a request may take 12 KB of the 16 that a statement may have, so they stand here once. Labels are the same
-- when every character is.
SELECT
  IF(transcripts.deposition_id IS NULL, transcripts.title, CONCAT_WS(
    ', ',
    NULLIF(TRIM(depositions.last_name), ''),
    NULLIF(TRIM(CONCAT_WS(' ', depositions.first_name, depositions.middle_initial)), ''),
    NULLIF(TRIM(depositions.name_suffix), '')
  )) AS `Deponent`,
  labels.name AS `Label`,
  CONCAT(UPPER(LEFT(labels.label_type, 1)), SUBSTRING(labels.label_type, 2)) AS `Clip Type`,
  COUNT(*) AS `Clips`,
  SUM(passages.line_count) AS `Lines`,
  SUM(clips.end_page - clips.start_page + 1) AS `Pages`,
  -- Unknown when it is unknown of one clip. A TIME ends at 838 hours.
  CONCAT(
    IF(ROUND(SUM(passages.seconds)) < 36000, '0', ''),
    ROUND(SUM(passages.seconds)) DIV 3600,
    RIGHT(SEC_TO_TIME(IF(COUNT(*) = COUNT(passages.seconds), NULLIF(ROUND(SUM(passages.seconds)), 0), NULL) % 3600), 6)
  ) AS `Runtime`,
  IF(
    COUNT(passages.seconds) BETWEEN 1 AND COUNT(*) - 1,
    'Runtime is blank where a clip is not synced with video from beginning to end.',
    NULL
  ) AS `Warnings`
FROM deposition_clips AS clips
JOIN (
  -- A deponent counts as one over all volumes, a proceeding by itself.
  SELECT
    id, deposition_id,
    IF(deposition_id IS NULL, title, NULL) AS title,
    IF(deposition_id IS NULL, id, NULL) AS proceeding_id
  FROM deposition_volumes
) AS transcripts ON transcripts.id = clips.deposition_volume_id
LEFT JOIN depositions ON depositions.id = transcripts.deposition_id
LEFT JOIN labels ON labels.id = clips.label_id
LEFT JOIN (
  SELECT
    clips.id AS clip_id,
    COUNT(*) AS line_count,
    IF(COUNT(*) = COUNT(video_seconds), SUM(video_seconds), NULL) AS seconds
  FROM deposition_clips AS clips
  JOIN deposition_lines AS spoken ON spoken.deposition_volume_id = clips.deposition_volume_id
    AND page BETWEEN start_page AND end_page
    AND (page > start_page OR line >= start_line)
    AND (page < end_page OR line <= end_line)
  GROUP BY clips.id
) AS passages ON passages.clip_id = clips.id
WHERE (:includeProceedings OR transcripts.deposition_id IS NOT NULL)
  AND COALESCE(transcripts.deposition_id IN (:deponentIds), TRUE)
  AND COALESCE(CAST(CONVERT(COALESCE(labels.name, '') USING utf8mb4) AS BINARY) IN (:labels), TRUE)
  AND COALESCE(COALESCE(labels.label_type, '') IN (:clipTypes), TRUE)
GROUP BY
  transcripts.deposition_id, transcripts.proceeding_id, labels.id,
  -- These follow from the ids.
  transcripts.title, depositions.last_name, depositions.first_name, depositions.middle_initial, depositions.name_suffix,
  labels.name, labels.label_type
ORDER BY
  transcripts.deposition_id IS NULL,
  CONVERT(COALESCE(depositions.last_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(depositions.first_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(depositions.middle_initial, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  transcripts.deposition_id,
  CONVERT(transcripts.title USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  transcripts.proceeding_id,
  labels.name IS NULL,
  CONVERT(labels.name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  labels.id
