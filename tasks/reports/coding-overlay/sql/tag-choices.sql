SELECT name AS choice FROM tags WHERE custom_field_id <=> :customFieldId ORDER BY id
