-- Counts for each term and month of the document's date; '' stands for a document without one.
-- The partition predicates are the fence between cases: no table is read without one.
WITH hits AS (
  SELECT DISTINCT term, document_id, family_id
  FROM search_hits
  WHERE case_id = ? AND run = ? AND attempt = ?
),
dated AS (
  SELECT document_id, family_id, coalesce(substr(CAST(document_date AS varchar), 1, 7), '') AS document_month
  FROM search_documents
  WHERE case_id = ? AND run = ? AND attempt = ? AND in_scope
),
family_hits AS (
  SELECT DISTINCT term, family_id FROM hits
),
family_members AS (
  SELECT family_id, document_month, count(*) AS members FROM dated GROUP BY family_id, document_month
),
by_family AS (
  SELECT family_hits.term, family_members.document_month, sum(family_members.members) AS with_family
  FROM family_hits
  JOIN family_members ON family_members.family_id = family_hits.family_id
  GROUP BY family_hits.term, family_members.document_month
),
by_document AS (
  SELECT hits.term, dated.document_month, count(*) AS documents
  FROM hits
  JOIN dated ON dated.document_id = hits.document_id
  GROUP BY hits.term, dated.document_month
)
SELECT by_family.term, by_family.document_month, coalesce(by_document.documents, 0) AS documents, by_family.with_family
FROM by_family
LEFT JOIN by_document ON by_document.term = by_family.term AND by_document.document_month = by_family.document_month
ORDER BY 1, 2
