SELECT id, exhibit_id, field, value FROM exhibit_values
WHERE exhibit_id IN (:ids) AND field IN (:fields)
ORDER BY exhibit_id, position, id
{lock}
