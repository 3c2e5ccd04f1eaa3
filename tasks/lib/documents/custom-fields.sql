-- The custom fields among those named.
SELECT id, title FROM custom_fields WHERE id IN (:customFieldIds)
