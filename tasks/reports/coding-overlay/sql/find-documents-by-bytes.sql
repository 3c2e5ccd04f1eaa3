-- The same for numbers that the column's character set may not hold: they match no document, where a literal would be an error.
SELECT id, bates_start, trashed_at IS NOT NULL AS is_trashed FROM exhibits
WHERE CAST(CONVERT(bates_start USING utf8mb4) AS BINARY) IN (:keys)
