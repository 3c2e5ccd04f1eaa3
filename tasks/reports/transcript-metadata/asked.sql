-- The deponents that the request names, as far as the case has them.
SELECT 'deponent' AS kind, id AS name FROM depositions WHERE id IN (:deponentIds)
