SELECT id, custom_field_id, name FROM tags WHERE name IN (:names) ORDER BY id
