-- The columns of documents that an overlay may write; those that it does not are left out. The last line locks them before
-- a change. Comments here hold no quotes and no question marks, which the driver would take for SQL.
SELECT
  id,
  parent_id,
  bates_start,
  trashed_at IS NOT NULL AS is_trashed,
  IF(:title, title, NULL) AS title,
  IF(:document_date, document_date, NULL) AS document_date,
  IF(:document_type, document_type, NULL) AS document_type,
  IF(:author, author, NULL) AS author,
  IF(:relevancy_status, relevancy_status, NULL) AS relevancy_status,
  IF(:privilege_status, privilege_status, NULL) AS privilege_status,
  IF(:confidentiality, confidentiality_code, NULL) AS confidentiality,
  IF(:withheld, withheld, NULL) AS withheld,
  IF(:notes, notes, NULL) AS notes
FROM exhibits
WHERE id IN (:ids)
ORDER BY id
{lock}
