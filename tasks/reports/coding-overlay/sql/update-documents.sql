-- LONGTEXT, since MySQL makes NULL of what is too long for its type, and MariaDB cuts it, both without a word.
UPDATE exhibits
JOIN JSON_TABLE(:rows, '$[*]' COLUMNS (
  id                   INT      PATH '$.id' ERROR ON ERROR,
  title                LONGTEXT PATH '$.title' ERROR ON ERROR,
  document_date        LONGTEXT PATH '$.document_date' ERROR ON ERROR,
  document_type        LONGTEXT PATH '$.document_type' ERROR ON ERROR,
  author               LONGTEXT PATH '$.author' ERROR ON ERROR,
  relevancy_status     LONGTEXT PATH '$.relevancy_status' ERROR ON ERROR,
  privilege_status     LONGTEXT PATH '$.privilege_status' ERROR ON ERROR,
  confidentiality_code LONGTEXT PATH '$.confidentiality' ERROR ON ERROR,
  withheld             LONGTEXT PATH '$.withheld' ERROR ON ERROR,
  notes                LONGTEXT PATH '$.notes' ERROR ON ERROR
)) AS new ON new.id = exhibits.id
SET
  exhibits.title = IF(:title, new.title, exhibits.title),
  exhibits.document_date = IF(:document_date, new.document_date, exhibits.document_date),
  exhibits.document_type = IF(:document_type, new.document_type, exhibits.document_type),
  exhibits.author = IF(:author, new.author, exhibits.author),
  exhibits.relevancy_status = IF(:relevancy_status, new.relevancy_status, exhibits.relevancy_status),
  exhibits.privilege_status = IF(:privilege_status, new.privilege_status, exhibits.privilege_status),
  exhibits.confidentiality_code = IF(:confidentiality, new.confidentiality_code, exhibits.confidentiality_code),
  exhibits.withheld = IF(:withheld, new.withheld, exhibits.withheld),
  exhibits.notes = IF(:notes, new.notes, exhibits.notes)
