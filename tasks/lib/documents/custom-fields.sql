-- The custom fields of the case.
SELECT id, title FROM custom_fields ORDER BY id
