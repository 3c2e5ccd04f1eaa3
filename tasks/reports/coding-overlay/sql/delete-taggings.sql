DELETE FROM taggings WHERE id IN (:ids)
