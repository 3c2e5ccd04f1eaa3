-- Part of a statement on exhibits: the values of the custom fields that are named, as a JSON list of pairs, id and value.
IF(:hasCustomFields, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_ARRAY(custom_field_id, name) ORDER BY taggings.id), ']')
    FROM taggings JOIN tags ON tags.id = tag_id
    WHERE exhibit_id = exhibits.id AND custom_field_id IN (:customFieldIds)
  ), NULL)
