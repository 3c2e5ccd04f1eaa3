-- The custom Transcript Fields in the order of Settings.
SELECT id, title FROM transcript_fields ORDER BY position, id
