-- One row a status, whether documents have it or not, one for each status that is not in the list, and the total. Statuses
-- of the list are known however they are capitalized; others are the same when every character is. Blanks are no status.
-- A CTE with groups or windows is grouped again only where it is read once: MySQL may else read it unsorted, and count rows twice.
WITH documents AS (
  SELECT
    id,
    -- What folders hold is the document, or with it its family.
    IF(:includeFamilies, COALESCE(parent_id, id), id) AS unit,
    page_count,
    CASE :groupBy
      WHEN 'relevancy' THEN CONVERT(relevancy_status USING utf8mb4)
      WHEN 'privilege' THEN CONVERT(privilege_status USING utf8mb4)
      ELSE CONVERT(confidentiality_code USING utf8mb4)
    END AS status
  FROM exhibits
  WHERE trashed_at IS NULL
), named AS (
  SELECT
    id,
    -- A line break would begin a warning of its own.
    REGEXP_REPLACE(IF(CHAR_LENGTH(name) > 90, CONCAT(LEFT(name, 89), '…'), name), '[[:cntrl:]]+', ' ') AS name,
    ROW_NUMBER() OVER (ORDER BY name COLLATE utf8mb4_unicode_520_ci, id) AS place
  FROM (SELECT id, CONVERT(name USING utf8mb4) AS name FROM folders) AS folder_names
  WHERE id IN (:folderIds)
), units AS (
  SELECT unit, COUNT(DISTINCT folder_id) AS folders
  FROM folder_exhibits
  -- What a deleted folder left behind does not count.
  JOIN named ON named.id = folder_exhibits.folder_id
  JOIN documents ON documents.id = folder_exhibits.exhibit_id
  GROUP BY unit
), chosen AS (
  SELECT
    page_count,
    folders,
    CAST(status AS BINARY) AS status,
    FIELD(IF(CHAR_LENGTH(TRIM(status)) > 0, CAST(LOWER(status) AS BINARY), LOWER(:unset)), :lowerCaseStatuses) AS position
  FROM documents
  LEFT JOIN units ON units.unit = documents.unit
  WHERE :everything OR folders IS NOT NULL
), counts AS (
  SELECT
    position,
    -- All of a group are the same. MySQL spoils the least of converted texts, but not of bytes.
    CONVERT(MIN(status) USING utf8mb4) AS status,
    COUNT(*) AS documents,
    SUM(page_count) AS pages,
    COUNT(*) - COUNT(page_count) AS uncounted,
    SUM(folders > 1) AS several
  FROM chosen
  GROUP BY position, IF(position > 0, NULL, status)
)
SELECT `Group`, `Documents`, `Pages`, `Documents Without Page Count`, `Warnings`
FROM (
  SELECT
    1 AS part,
    numbers.position AS position,
    ELT(numbers.position, :statuses) AS `Group`,
    COALESCE(documents, 0) AS `Documents`,
    COALESCE(pages, 0) AS `Pages`,
    COALESCE(uncounted, 0) AS `Documents Without Page Count`,
    NULL AS `Warnings`
  FROM (SELECT 1 AS position UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS numbers
  LEFT JOIN counts ON counts.position = numbers.position
  WHERE ELT(numbers.position, :statuses) IS NOT NULL
  UNION ALL
  SELECT 2, 0, status, documents, COALESCE(pages, 0), uncounted, NULL
  FROM counts
  WHERE position = 0
  UNION ALL
  SELECT
    3,
    0,
    'Total',
    COALESCE(SUM(documents), 0),
    COALESCE(SUM(pages), 0),
    COALESCE(SUM(uncounted), 0),
    CONCAT_WS(
      '\n',
      -- As many as a mail has room for.
      (SELECT CONCAT(
        'Folders: ',
        GROUP_CONCAT(IF(place <= 20, name, NULL) ORDER BY place SEPARATOR ', '),
        IF(COUNT(*) > 20, CONCAT(' and ', COUNT(*) - 20, ' more'), ''),
        '.'
      ) FROM named),
      IF(SUM(several) > 0, CONCAT('Documents in several of the folders, counted once: ', SUM(several), '.'), NULL)
    )
  FROM counts
) AS all_rows
ORDER BY part, position, CONVERT(`Group` USING utf8mb4) COLLATE utf8mb4_unicode_520_ci, CAST(`Group` AS BINARY)
