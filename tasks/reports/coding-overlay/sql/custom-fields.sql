SELECT id, title, input_type FROM custom_fields ORDER BY id
