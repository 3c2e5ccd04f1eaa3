-- The documents of a case as the search knows them; the platform indexes their text, here their fields must do.
SELECT
  exhibits.id,
  COALESCE(exhibits.parent_id, exhibits.id) AS family,
  COALESCE(exhibits.title, '') AS title,
  COALESCE(exhibits.author, '') AS author,
  CONCAT_WS(' ', exhibits.title, exhibits.bates_start, exhibits.author, exhibits.notes) AS body,
  DATE_FORMAT(exhibits.document_date, '%Y-%m-%d') AS document_date,
  (SELECT JSON_ARRAYAGG(value) FROM exhibit_values
    WHERE exhibit_id = exhibits.id AND field = 'custodian') AS custodians,
  (SELECT JSON_ARRAYAGG(folder_id) FROM folder_exhibits WHERE exhibit_id = exhibits.id) AS folders
FROM exhibits
WHERE exhibits.trashed_at IS NULL
ORDER BY exhibits.id
