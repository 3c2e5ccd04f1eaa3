-- The lines of pages, which stand in the order of the report: a JSON list of pairs, a transcript and a page of its file.
SELECT
  spoken.deposition_volume_id AS volumeId,
  spoken.page,
  spoken.line,
  spoken.content
FROM JSON_TABLE(
  :pages,
  '$[*]' COLUMNS (place FOR ORDINALITY, volume_id INT PATH '$[0]', page INT PATH '$[1]')
) AS wanted
STRAIGHT_JOIN deposition_lines AS spoken
  ON spoken.deposition_volume_id = wanted.volume_id AND spoken.page = wanted.page
ORDER BY wanted.place, spoken.line
