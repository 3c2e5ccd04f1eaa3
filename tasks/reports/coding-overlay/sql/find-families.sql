-- The members of families by their heads, outside the trash. Attachments point at the head, also those of an attachment.
SELECT id, COALESCE(parent_id, id) AS head FROM exhibits
WHERE (id IN (:heads) OR parent_id IN (:heads)) AND trashed_at IS NULL
