INSERT INTO privilege_logs (npcase_id, exhibit_id, previous_value, new_value, user_id, change_source, created_at) VALUES :rows
