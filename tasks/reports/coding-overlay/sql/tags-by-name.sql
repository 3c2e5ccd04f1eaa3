-- Choices are compared by bytes. The column may not hold every character of a load file.
SELECT id, custom_field_id, name FROM tags
WHERE CAST(CONVERT(name USING utf8mb4) AS BINARY) IN (:names)
ORDER BY id
