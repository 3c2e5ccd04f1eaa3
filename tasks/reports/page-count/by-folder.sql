-- One row a folder, whether documents are in it or not, one for those in none, and the total, which counts each once.
-- Comments here hold no quotes and no question marks, which the driver would take for SQL.
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
), chosen AS (
  SELECT id, page_count, folders
  FROM documents
  LEFT JOIN (
    SELECT unit, COUNT(*) AS folders
    FROM placed
    GROUP BY unit
  ) AS units ON units.unit = documents.unit
  WHERE :everything OR folders IS NOT NULL
), counts AS (
  SELECT folder_id, COUNT(*) AS documents, SUM(page_count) AS pages, COUNT(page_count) AS counted
  FROM documents
  -- The other way round there would be no index for the unit.
  STRAIGHT_JOIN placed ON placed.unit = documents.unit
  GROUP BY folder_id
), listed AS (
  -- Names need not differ; what tells them apart then is the id.
  SELECT
    id,
    IF(name IN ('No folder', 'Total') OR COUNT(*) OVER (PARTITION BY name) > 1, CONCAT(name, ' (', id, ')'), name) AS name
  FROM folders
  WHERE :everything OR id IN (:folderIds)
)
SELECT `Group`, `Documents`, `Pages`, `Documents Without Page Count`, `Warnings`
FROM (
  SELECT
    1 AS part,
    listed.name AS `Group`,
    COALESCE(documents, 0) AS `Documents`,
    COALESCE(pages, 0) AS `Pages`,
    COALESCE(documents - counted, 0) AS `Documents Without Page Count`,
    NULL AS `Warnings`
  FROM listed
  LEFT JOIN counts ON counts.folder_id = listed.id
  UNION ALL
  SELECT 2, 'No folder', COUNT(*), COALESCE(SUM(page_count), 0), COUNT(*) - COUNT(page_count), NULL
  FROM chosen
  WHERE folders IS NULL
  HAVING :everything
  UNION ALL
  SELECT
    3,
    'Total',
    COUNT(*),
    COALESCE(SUM(page_count), 0),
    COUNT(*) - COUNT(page_count),
    NULLIF(CONCAT_WS(
      '\n',
      (SELECT IF(
        COUNT(*) < :folderCount,
        CONCAT(:folderCount - COUNT(*), ' of ', :folderCount, ' chosen folders ', IF(:folderCount - COUNT(*) = 1, 'is', 'are'), ' no longer there.'),
        NULL
      ) FROM listed),
      IF(
        SUM(folders > 1),
        CONCAT('Documents in several of the folders: ', SUM(folders > 1), '. Each of their folders counts them, the total counts them once.'),
        NULL
      )
    ), '')
  FROM chosen
) AS all_rows
ORDER BY part, `Group`
