-- Without the names, so that a lock is on the documents' own rows alone.
SELECT id, exhibit_id, tag_id FROM taggings WHERE exhibit_id IN (:ids) ORDER BY id
{lock}
