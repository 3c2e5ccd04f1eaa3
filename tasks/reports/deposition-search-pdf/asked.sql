-- The deponents and transcripts that the request names, as far as the case has them.
SELECT 'deponent' AS kind, id AS name FROM depositions WHERE id IN (:deponentIds)
UNION ALL
SELECT 'transcript', id FROM deposition_volumes WHERE id IN (:volumeIds)
