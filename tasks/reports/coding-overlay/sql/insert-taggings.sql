INSERT INTO taggings (npcase_id, exhibit_id, tag_id, user_id) VALUES :rows
