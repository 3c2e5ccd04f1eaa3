-- Counts for each term and custodian; a document of two custodians counts for both, and '' stands for none.
-- The partition predicates are the fence between cases: no table is read without one.
WITH hits AS (
  SELECT DISTINCT term, document_id, family_id
  FROM search_hits
  WHERE case_id = ? AND run = ? AND attempt = ?
),
documents AS (
  SELECT document_id, family_id
  FROM search_documents
  WHERE case_id = ? AND run = ? AND attempt = ? AND in_scope
),
custodians AS (
  SELECT DISTINCT document_id, custodian
  FROM search_custodians
  WHERE case_id = ? AND run = ? AND attempt = ?
),
held AS (
  SELECT documents.document_id, documents.family_id, coalesce(custodians.custodian, '') AS custodian
  FROM documents
  LEFT JOIN custodians ON custodians.document_id = documents.document_id
),
family_hits AS (
  SELECT DISTINCT term, family_id FROM hits
),
family_members AS (
  SELECT family_id, custodian, count(*) AS members FROM held GROUP BY family_id, custodian
),
by_family AS (
  SELECT family_hits.term, family_members.custodian, sum(family_members.members) AS with_family
  FROM family_hits
  JOIN family_members ON family_members.family_id = family_hits.family_id
  GROUP BY family_hits.term, family_members.custodian
),
by_document AS (
  SELECT hits.term, held.custodian, count(*) AS documents
  FROM hits
  JOIN held ON held.document_id = hits.document_id
  GROUP BY hits.term, held.custodian
)
SELECT by_family.term, by_family.custodian, coalesce(by_document.documents, 0) AS documents, by_family.with_family
FROM by_family
LEFT JOIN by_document ON by_document.term = by_family.term AND by_document.custodian = by_family.custodian
ORDER BY 1, 2
