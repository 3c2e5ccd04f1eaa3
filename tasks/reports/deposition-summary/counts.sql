-- One row for each deponent (or proceeding) and label: sums over the clips, so that a line in two clips counts twice. Then the
-- total. The lists of a request may take 12 KB of the 16 that a statement may have, so they stand here once. Labels are the
-- same when every character is.
WITH counted AS (
  SELECT
    transcripts.deposition_id,
    transcripts.proceeding_id,
    labels.id AS label_id,
    IF(transcripts.deposition_id IS NULL, CONVERT(transcripts.title USING utf8mb4), CONCAT_WS(
      ', ',
      NULLIF(TRIM(CONVERT(depositions.last_name USING utf8mb4)), ''),
      NULLIF(TRIM(CONVERT(CONCAT_WS(' ', depositions.first_name, depositions.middle_initial) USING utf8mb4)), ''),
      NULLIF(TRIM(CONVERT(depositions.name_suffix USING utf8mb4)), '')
    )) AS deponent,
    depositions.last_name,
    depositions.first_name,
    depositions.middle_initial,
    transcripts.title,
    labels.name AS label,
    CONCAT(UPPER(LEFT(labels.label_type, 1)), SUBSTRING(labels.label_type, 2)) AS clip_type,
    COUNT(*) AS clips,
    SUM(passages.line_count) AS line_count,
    SUM(clips.end_page - clips.start_page + 1) AS pages,
    COUNT(passages.seconds) AS synced,
    SUM(passages.seconds) AS seconds
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
    AND (:fromUtc IS NULL OR COALESCE(clips.updated_at, clips.created_at) >= :fromUtc)
    AND (:beforeUtc IS NULL OR COALESCE(clips.updated_at, clips.created_at) < :beforeUtc)
  GROUP BY
    transcripts.deposition_id, transcripts.proceeding_id, labels.id,
    -- These follow from the ids.
    transcripts.title, depositions.last_name, depositions.first_name, depositions.middle_initial, depositions.name_suffix,
    labels.name, labels.label_type
), all_rows AS (
  SELECT 1 AS part, counted.* FROM counted
  UNION ALL
  SELECT
    2, NULL, NULL, NULL, 'Total', NULL, NULL, NULL, NULL, NULL, NULL,
    SUM(clips), SUM(line_count), SUM(pages), SUM(synced), SUM(seconds)
  FROM counted
  HAVING COUNT(*) > 0
)
SELECT
  deponent AS `Deponent`,
  label AS `Label`,
  clip_type AS `Clip Type`,
  clips AS `Clips`,
  line_count AS `Lines`,
  pages AS `Pages`,
  -- Unknown when it is unknown of one clip. A TIME ends at 838 hours.
  CONCAT(
    IF(ROUND(seconds) < 36000, '0', ''),
    ROUND(seconds) DIV 3600,
    RIGHT(SEC_TO_TIME(IF(clips = synced, NULLIF(ROUND(seconds), 0), NULL) % 3600), 6)
  ) AS `Runtime`,
  IF(
    synced BETWEEN 1 AND clips - 1,
    'Runtime is blank where a clip is not synced with video from beginning to end.',
    NULL
  ) AS `Warnings`
FROM all_rows
ORDER BY
  part,
  IF(:sort = 'label', label IS NULL, NULL),
  CONVERT(IF(:sort = 'label', label, NULL) USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  IF(:sort = 'label', label_id, NULL),
  deposition_id IS NULL,
  CONVERT(COALESCE(last_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(first_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(middle_initial, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  deposition_id,
  CONVERT(title USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  proceeding_id,
  label IS NULL,
  CONVERT(label USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  label_id
