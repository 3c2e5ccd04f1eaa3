SELECT id, custom_field_id, name FROM tags WHERE id IN (:ids)
