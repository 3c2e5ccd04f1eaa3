-- One row a clip, in the order of the testimony. The lists of a request may take 12 KB of the 16 that a statement may have,
-- so they stand here once. Labels are the same when every character is.
SELECT
  IF(transcripts.deposition_id IS NULL, transcripts.title, CONCAT_WS(
    ', ',
    NULLIF(TRIM(depositions.last_name), ''),
    NULLIF(TRIM(CONCAT_WS(' ', depositions.first_name, depositions.middle_initial)), ''),
    NULLIF(TRIM(depositions.name_suffix), '')
  )) AS `Deponent`,
  IF(transcripts.deposition_id IS NULL, 'Proceeding', 'Deposition') AS `Transcript Type`,
  transcripts.known_date AS `Transcript Date`,
  transcripts.volume AS `Volume`,
  CONCAT(UPPER(LEFT(labels.label_type, 1)), SUBSTRING(labels.label_type, 2)) AS `Clip Type`,
  labels.name AS `Label`,
  parents.name AS `Parent Issue`,
  clips.objection_reason AS `Objection Reason`,
  -- Beside what they object to: those that share a line with it.
  IF(labels.label_type = 'objection', NULL, (
    SELECT GROUP_CONCAT(
      CONCAT(
        CONCAT_WS(': ', CONVERT(objected.name USING utf8mb4), NULLIF(TRIM(CONVERT(objections.objection_reason USING utf8mb4)), '')),
        ' (', pages_before + objections.start_page, ':', LPAD(objections.start_line, 2, '0'), '-',
        pages_before + objections.end_page, ':', LPAD(objections.end_line, 2, '0'), ')'
      )
      ORDER BY objections.start_page, objections.start_line, objections.id SEPARATOR '\n'
    )
    FROM deposition_clips AS objections
    JOIN labels AS objected ON objected.id = objections.label_id AND objected.label_type = 'objection'
    WHERE objections.deposition_volume_id = clips.deposition_volume_id
      AND (objections.start_page, objections.start_line) <= (clips.end_page, clips.end_line)
      AND (objections.end_page, objections.end_line) >= (clips.start_page, clips.start_line)
  )) AS `Objections`,
  pages_before + clips.start_page AS `Start Page`,
  clips.start_line AS `Start Line`,
  pages_before + clips.end_page AS `End Page`,
  clips.end_line AS `End Line`,
  -- Always a range: Excel would take page and line alone for a time.
  CONCAT(
    pages_before + clips.start_page, ':', LPAD(clips.start_line, 2, '0'), '-',
    pages_before + clips.end_page, ':', LPAD(clips.end_line, 2, '0')
  ) AS `Citation`,
  IF(
    CHAR_LENGTH(passages.testimony) > :maxTextChars,
    CONCAT(LEFT(passages.testimony, :maxTextChars), ' [cut]'),
    passages.testimony
  ) AS `Testimony`,
  clips.notes AS `Notes`,
  -- A TIME ends at 838 hours.
  CONCAT(
    IF(passages.seconds < 36000, '0', ''), passages.seconds DIV 3600, RIGHT(SEC_TO_TIME(passages.seconds % 3600), 6)
  ) AS `Runtime`,
  case_users.name AS `Created By`,
  clips.created_at AS `Created At`,
  clips.updated_at AS `Updated At`,
  :timeZone AS `Time Zone`
FROM deposition_clips AS clips
JOIN (
  -- The setting Start Page says which number the first page of the file bears.
  SELECT
    id, deposition_id, title, volume, COALESCE(start_page, 1) - 1 AS pages_before,
    IF(volume_date >= '1000-01-01', volume_date, NULL) AS known_date
  FROM deposition_volumes
) AS transcripts ON transcripts.id = clips.deposition_volume_id
LEFT JOIN depositions ON depositions.id = transcripts.deposition_id
LEFT JOIN labels ON labels.id = clips.label_id
LEFT JOIN labels AS parents ON parents.id = labels.parent_id
LEFT JOIN case_users ON case_users.user_id = clips.created_by
LEFT JOIN (
  SELECT
    clips.id AS clip_id,
    IF(:includeText, GROUP_CONCAT(content ORDER BY page, line SEPARATOR '\n'), NULL) AS testimony,
    -- Unknown until every line of it is synced.
    IF(COUNT(*) = COUNT(video_seconds), NULLIF(ROUND(SUM(video_seconds)), 0), NULL) AS seconds
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
ORDER BY
  IF(:sort = 'label', labels.name IS NULL, NULL),
  CONVERT(IF(:sort = 'label', labels.name, NULL) USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  IF(:sort = 'label', labels.id, NULL),
  transcripts.deposition_id IS NULL,
  CONVERT(COALESCE(depositions.last_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(depositions.first_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(depositions.middle_initial, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  transcripts.deposition_id,
  transcripts.known_date IS NULL,
  transcripts.known_date,
  CONVERT(transcripts.volume USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  transcripts.id,
  clips.start_page,
  clips.start_line,
  clips.end_page,
  clips.end_line,
  clips.id
