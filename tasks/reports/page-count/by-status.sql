-- One row a status, whether documents have it or not, one for each status that is not in the list, and the total.
-- Comments here hold no quotes and no question marks, which the driver would take for SQL.
WITH documents AS (
  SELECT
    id,
    -- What folders hold is the document, or with it its family.
    IF(:includeFamilies, COALESCE(parent_id, id), id) AS unit,
    page_count,
    COALESCE(NULLIF(CASE :groupBy
      WHEN 'relevancy' THEN relevancy_status
      WHEN 'privilege' THEN privilege_status
      ELSE confidentiality_code
    END, ''), :unset) AS status
  FROM exhibits
  WHERE trashed_at IS NULL
), named AS (
  SELECT
    id,
    -- A line break would begin a warning of its own.
    REGEXP_REPLACE(IF(CHAR_LENGTH(name) > 90, CONCAT(LEFT(name, 89), '…'), name), '[[:cntrl:]]+', ' ') AS name,
    ROW_NUMBER() OVER (ORDER BY name, id) AS place
  FROM folders
  WHERE id IN (:folderIds)
), units AS (
  SELECT unit, COUNT(DISTINCT folder_id) AS folders
  FROM folder_exhibits
  -- What a deleted folder left behind does not count.
  JOIN named ON named.id = folder_exhibits.folder_id
  JOIN documents ON documents.id = folder_exhibits.exhibit_id
  GROUP BY unit
), chosen AS (
  -- Literals take the collation of the column, as a list made by JSON_TABLE would not.
  SELECT id, page_count, status, FIELD(status, :statuses) AS position, folders
  FROM documents
  LEFT JOIN units ON units.unit = documents.unit
  WHERE :everything OR folders IS NOT NULL
)
SELECT `Group`, `Documents`, `Pages`, `Documents Without Page Count`, `Warnings`
FROM (
  SELECT
    1 AS part,
    numbers.position AS position,
    ELT(numbers.position, :statuses) AS `Group`,
    COUNT(chosen.id) AS `Documents`,
    COALESCE(SUM(page_count), 0) AS `Pages`,
    COUNT(chosen.id) - COUNT(page_count) AS `Documents Without Page Count`,
    NULL AS `Warnings`
  FROM (SELECT 1 AS position UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS numbers
  LEFT JOIN chosen ON chosen.position = numbers.position
  WHERE ELT(numbers.position, :statuses) IS NOT NULL
  GROUP BY numbers.position
  UNION ALL
  SELECT 2, 0, status, COUNT(*), COALESCE(SUM(page_count), 0), COUNT(*) - COUNT(page_count), NULL
  FROM chosen
  WHERE position = 0
  GROUP BY status
  UNION ALL
  SELECT
    3,
    0,
    'Total',
    COUNT(*),
    COALESCE(SUM(page_count), 0),
    COUNT(*) - COUNT(page_count),
    CONCAT_WS(
      '\n',
      -- As many as a mail has room for.
      (SELECT CONCAT(
        'Folders: ',
        GROUP_CONCAT(IF(place <= 20, name, NULL) ORDER BY place SEPARATOR ', '),
        IF(COUNT(*) > 20, CONCAT(' and ', COUNT(*) - 20, ' more'), ''),
        '.'
      ) FROM named),
      (SELECT IF(
        COUNT(*) < :folderCount,
        CONCAT(:folderCount - COUNT(*), ' of ', :folderCount, ' chosen folders ', IF(:folderCount - COUNT(*) = 1, 'is', 'are'), ' no longer there.'),
        NULL
      ) FROM named),
      IF(SUM(folders > 1), CONCAT('Documents in several of the folders, counted once: ', SUM(folders > 1), '.'), NULL)
    )
  FROM chosen
) AS counts
ORDER BY part, position, `Group`
