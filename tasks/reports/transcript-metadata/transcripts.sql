-- One row a transcript volume, and one a deponent without any volume. The aliases are the headers of the file.
SELECT
  IF(transcripts.deposition_id IS NULL, 'Proceeding', 'Deposition') AS `Transcript Type`,
  -- Blanks are no title, and so on; no collation is asked.
  CONCAT_WS(
    '; ',
    IF(known_date IS NULL, 'Date', NULL),
    IF(
      depositions.id,
      IF(CHAR_LENGTH(TRIM(volumes.volume)) > 0, NULL, 'Volume'),
      IF(CHAR_LENGTH(TRIM(volumes.title)) > 0, NULL, 'Title')
    ),
    IF(depositions.id IS NULL OR CHAR_LENGTH(TRIM(depositions.last_name)) > 0, NULL, 'Name')
  ) AS `Missing`,
  depositions.last_name AS `Deponent Last Name`,
  depositions.first_name AS `Deponent First Name`,
  depositions.middle_initial AS `Deponent Middle Initial`,
  depositions.name_suffix AS `Deponent Suffix`,
  depositions.deposition_type AS `Deponent Type`,
  volumes.title AS `Title`,
  volumes.description AS `Description`,
  volumes.volume AS `Volume`,
  transcripts.known_date AS `Transcript Date`,
  volumes.start_page AS `Start Page`,
  volumes.end_page AS `End Page`,
  volumes.page_count AS `Page Count`,
  IF(volumes.id, IF(videos.files, 'Yes', 'No'), NULL) AS `Has Video`,
  IF(videos.files = videos.synced, 'Yes', IF(videos.files, 'No', NULL)) AS `Video Synced`,
  -- A TIME ends at 838 hours.
  CONCAT(IF(videos.seconds < 36000, '0', ''), videos.seconds DIV 3600, RIGHT(SEC_TO_TIME(videos.seconds % 3600), 6)) AS `Video Runtime`,
  IF(volumes.id, COALESCE(linked.exhibits, 0), NULL) AS `Linked Exhibits`,
  IF(volumes.id, COALESCE(clips.designations, 0), NULL) AS `Designations`,
  IF(volumes.id, COALESCE(clips.objections, 0), NULL) AS `Objections`,
  IF(volumes.id, COALESCE(clips.issues, 0), NULL) AS `Issues`,
  volumes.original_filename AS `Original File Name`,
  volumes.file_format AS `File Format`,
  volumes.created_at AS `Imported At`,
  :timeZone AS `Time Zone`,
  batches.name AS `Import Batch`,
  IF(videos.files > 0 AND videos.seconds IS NULL, 'Video Runtime is blank where the length of a video is unknown.', NULL) AS `Warnings`,
  IF(:includeCustomFields, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_ARRAY(transcript_field_id, value)), ']')
    FROM transcript_field_values
    WHERE deposition_volume_id = volumes.id
  ), NULL) AS `Custom Fields`
FROM (
  SELECT depositions.id AS deposition_id, deposition_volumes.id AS volume_id, IF(volume_date >= '1000-01-01', volume_date, NULL) AS known_date
  FROM depositions
  LEFT JOIN deposition_volumes ON deposition_volumes.deposition_id = depositions.id
  WHERE :scope <> 'proceedings'
  UNION ALL
  SELECT NULL, id, IF(volume_date >= '1000-01-01', volume_date, NULL)
  FROM deposition_volumes
  WHERE :scope <> 'deponents' AND deposition_id IS NULL
) AS transcripts
LEFT JOIN depositions ON depositions.id = transcripts.deposition_id
LEFT JOIN deposition_volumes AS volumes ON volumes.id = transcripts.volume_id
LEFT JOIN batches ON batches.id = volumes.batch_id
LEFT JOIN (
  SELECT
    deposition_volume_id, COUNT(*) AS files, COUNT(synced_at) AS synced,
    -- Unknown when it is unknown of one video.
    IF(COUNT(*) = COUNT(runtime_seconds), SUM(runtime_seconds), NULL) AS seconds
  FROM deposition_video_offsets
  GROUP BY deposition_volume_id
) AS videos ON videos.deposition_volume_id = volumes.id
LEFT JOIN (
  SELECT deposition_volume_id, COUNT(DISTINCT exhibit_id) AS exhibits
  FROM deposition_volume_exhibits
  GROUP BY deposition_volume_id
) AS linked ON linked.deposition_volume_id = volumes.id
LEFT JOIN (
  SELECT
    deposition_volume_id,
    SUM(label_type = 'designation') AS designations,
    SUM(label_type = 'objection') AS objections,
    SUM(label_type = 'issue') AS issues
  FROM deposition_clips
  JOIN labels ON labels.id = label_id
  GROUP BY deposition_volume_id
) AS clips ON clips.deposition_volume_id = volumes.id
-- The list of ids may take 12 KB, so it stands here once. Who chooses deponents wants no proceedings.
WHERE IFNULL(COALESCE(transcripts.deposition_id, 0) IN (:deponentIds), TRUE)
  AND (:dateFrom IS NULL OR known_date >= :dateFrom)
  AND (:dateTo IS NULL OR known_date <= :dateTo)
HAVING NOT :onlyMissing OR `Missing` <> ''
ORDER BY
  IF(:sort = 'date', known_date IS NULL, FALSE),
  IF(:sort = 'date', known_date, NULL),
  transcripts.deposition_id IS NULL,
  CONVERT(COALESCE(depositions.last_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(depositions.first_name, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(COALESCE(depositions.middle_initial, '') USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  transcripts.deposition_id,
  CONVERT(IF(transcripts.deposition_id IS NULL, volumes.title, NULL) USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  known_date IS NULL,
  known_date,
  CONVERT(volumes.volume USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  volumes.id
