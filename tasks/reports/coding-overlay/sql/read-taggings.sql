-- Without the names, so that the tags themselves are not locked.
SELECT id, exhibit_id, tag_id FROM taggings WHERE exhibit_id IN (:ids) ORDER BY id
{lock}
