-- One row a folder, whether documents are in it or not, one for those in none, and the total, which counts each once.
-- A CTE with groups or windows is grouped again only where it is read once: MySQL may else read it unsorted, and count rows twice.
WITH documents AS (
  SELECT
    id,
    -- What folders hold is the document, or with it its family.
    IF(:includeFamilies, COALESCE(parent_id, id), id) AS unit,
    page_count
  FROM exhibits
  WHERE trashed_at IS NULL
), placed AS (
  SELECT DISTINCT folder_id, unit
  FROM folder_exhibits
  -- What a deleted folder left behind does not count.
  JOIN folders ON folders.id = folder_exhibits.folder_id
  JOIN documents ON documents.id = folder_exhibits.exhibit_id
  WHERE :everything OR folder_id IN (:folderIds)
), pairs AS (
  -- A document in three folders is three rows, one in none is one; the first of them counts in the total.
  SELECT folder_id, page_count, ROW_NUMBER() OVER (PARTITION BY documents.id ORDER BY folder_id) AS place
  FROM documents
  LEFT JOIN placed ON placed.unit = documents.unit
  WHERE :everything OR folder_id IS NOT NULL
), counts AS (
  SELECT
    folder_id,
    COUNT(*) AS documents,
    SUM(page_count) AS pages,
    COUNT(*) - COUNT(page_count) AS uncounted,
    SUM(place = 1) AS documents_once,
    SUM(IF(place = 1, page_count, NULL)) AS pages_once,
    SUM(place = 1 AND page_count IS NULL) AS uncounted_once,
    SUM(place = 2) AS several
  FROM pairs
  GROUP BY folder_id
), listed AS (
  SELECT id, CONVERT(name USING utf8mb4) AS name FROM folders WHERE :everything OR id IN (:folderIds)
)
SELECT `Folder`, `Folder ID`, `Documents`, `Pages`, `Documents Without Page Count`, `Warnings`
FROM (
  SELECT
    1 AS part,
    listed.name AS `Folder`,
    listed.id AS `Folder ID`,
    COALESCE(documents, 0) AS `Documents`,
    COALESCE(pages, 0) AS `Pages`,
    COALESCE(uncounted, 0) AS `Documents Without Page Count`,
    NULL AS `Warnings`
  FROM listed
  LEFT JOIN counts ON counts.folder_id = listed.id
  UNION ALL
  SELECT 2, 'No folder', NULL, COALESCE(SUM(documents), 0), COALESCE(SUM(pages), 0), COALESCE(SUM(uncounted), 0), NULL
  FROM counts
  WHERE folder_id IS NULL
  HAVING :everything
  UNION ALL
  SELECT
    3,
    'Total',
    NULL,
    COALESCE(SUM(documents_once), 0),
    COALESCE(SUM(pages_once), 0),
    COALESCE(SUM(uncounted_once), 0),
    IF(
      SUM(several) > 0,
      CONCAT('Documents in several of the folders: ', SUM(several), '. Each of their folders counts them, the total counts them once.'),
      NULL
    )
  FROM counts
) AS all_rows
ORDER BY part, CONVERT(`Folder` USING utf8mb4) COLLATE utf8mb4_unicode_520_ci, CAST(`Folder` AS BINARY), `Folder ID`
