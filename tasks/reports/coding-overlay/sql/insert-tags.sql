INSERT INTO tags (npcase_id, custom_field_id, name) VALUES :rows
