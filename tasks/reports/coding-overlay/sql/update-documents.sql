-- Lines of columns that an overlay does not write are left out. LONGTEXT, since MySQL makes NULL of what is too long for its
-- type, and MariaDB cuts it, both without a word.
UPDATE exhibits
JOIN JSON_TABLE(:rows, '$[*]' COLUMNS (
  title                LONGTEXT PATH '$.title' ERROR ON ERROR,
  document_date        LONGTEXT PATH '$.document_date' ERROR ON ERROR,
  document_type        LONGTEXT PATH '$.document_type' ERROR ON ERROR,
  author               LONGTEXT PATH '$.author' ERROR ON ERROR,
  relevancy_status     LONGTEXT PATH '$.relevancy_status' ERROR ON ERROR,
  privilege_status     LONGTEXT PATH '$.privilege_status' ERROR ON ERROR,
  confidentiality      LONGTEXT PATH '$.confidentiality' ERROR ON ERROR,
  withheld             LONGTEXT PATH '$.withheld' ERROR ON ERROR,
  notes                LONGTEXT PATH '$.notes' ERROR ON ERROR,
  id                   INT      PATH '$.id' ERROR ON ERROR
)) AS new ON new.id = exhibits.id
SET
  exhibits.title = new.title,
  exhibits.document_date = new.document_date,
  exhibits.document_type = new.document_type,
  exhibits.author = new.author,
  exhibits.relevancy_status = new.relevancy_status,
  exhibits.privilege_status = new.privilege_status,
  exhibits.confidentiality_code = new.confidentiality,
  exhibits.withheld = new.withheld,
  exhibits.notes = new.notes,
  exhibits.npcase_id = exhibits.npcase_id
