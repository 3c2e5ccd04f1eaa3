DELETE FROM exhibit_values WHERE id IN (:ids)
