-- Counts for each term; term 0 is all terms together, each document counted once, and term -1 the scope.
-- Athena and DuckDB read this alike. The partition predicates are the fence between cases: no table is read without one.
WITH hits AS (
  SELECT DISTINCT term, document_id, family_id
  FROM search_hits
  WHERE case_id = ? AND run = ? AND attempt = ?
),
families AS (
  SELECT
    family_id,
    sum(CASE WHEN in_scope THEN 1 ELSE 0 END) AS inside,
    sum(CASE WHEN in_scope THEN 0 ELSE 1 END) AS outside
  FROM search_documents
  WHERE case_id = ? AND run = ? AND attempt = ?
  GROUP BY family_id
),
found_documents AS (
  SELECT document_id, count(*) AS terms FROM hits GROUP BY document_id
),
family_hits AS (
  SELECT DISTINCT term, family_id FROM hits
),
found_families AS (
  SELECT family_hits.family_id, count(*) AS terms, max(inside) AS inside, max(outside) AS outside
  FROM family_hits
  JOIN families ON families.family_id = family_hits.family_id
  GROUP BY family_hits.family_id
),
by_document AS (
  SELECT
    hits.term,
    count(*) AS documents,
    sum(CASE WHEN found_documents.terms = 1 THEN 1 ELSE 0 END) AS unique_documents
  FROM hits
  JOIN found_documents ON found_documents.document_id = hits.document_id
  GROUP BY hits.term
),
by_family AS (
  SELECT
    family_hits.term,
    sum(inside) AS with_family,
    sum(CASE WHEN terms = 1 THEN inside ELSE 0 END) AS unique_with_family,
    sum(outside) AS outside_scope
  FROM family_hits
  JOIN found_families ON found_families.family_id = family_hits.family_id
  GROUP BY family_hits.term
)
SELECT
  by_document.term,
  by_document.documents,
  by_family.with_family,
  by_document.unique_documents,
  by_family.unique_with_family,
  by_family.outside_scope
FROM by_document
JOIN by_family ON by_family.term = by_document.term
UNION ALL
SELECT 0, (SELECT count(*) FROM found_documents), coalesce(sum(inside), 0), NULL, NULL, coalesce(sum(outside), 0)
FROM found_families
UNION ALL
SELECT -1, coalesce(sum(inside), 0), NULL, NULL, NULL, NULL
FROM families
ORDER BY 1
