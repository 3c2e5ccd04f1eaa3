-- Passages that the margin marks: where exhibits are introduced, and designations.
SELECT
  'exhibit' AS kind,
  linked.deposition_volume_id AS volumeId,
  linked.page AS startPage,
  COALESCE(linked.line, 0) AS startLine,
  linked.page AS endPage,
  COALESCE(linked.line, 9999) AS endLine,
  CONVERT(COALESCE(NULLIF(TRIM(exhibits.title), ''), NULLIF(TRIM(exhibits.bates_start), ''), exhibits.id) USING utf8mb4) AS name
FROM deposition_volume_exhibits AS linked
JOIN exhibits ON exhibits.id = linked.exhibit_id
WHERE :includeExhibits AND linked.page IS NOT NULL AND exhibits.trashed_at IS NULL
UNION ALL
SELECT
  'designation', deposition_volume_id, start_page, start_line, end_page, end_line, CONVERT(labels.name USING utf8mb4)
FROM deposition_clips
JOIN labels ON labels.id = deposition_clips.label_id AND labels.label_type = 'designation'
WHERE :includeDesignations
ORDER BY volumeId, startPage, startLine, kind
