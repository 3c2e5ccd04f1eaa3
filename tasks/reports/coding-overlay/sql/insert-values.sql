INSERT INTO exhibit_values (npcase_id, exhibit_id, field, position, value) VALUES :rows
