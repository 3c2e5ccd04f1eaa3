-- One row a document, with every field that a grid may show, by its system name; which of them stand in the file is
-- chosen afterwards, and what takes a look into another table is read only when asked for. Several values are a JSON
-- list. The ids come in portions that keep the statement below 16 KB.
SELECT STRAIGHT_JOIN
  exhibits.id AS nextpoint_id,
  exhibits.bates_start AS bates_start,
  exhibits.bates_end AS bates_end,
  exhibits.page_count AS page_count,
  exhibits.parent_id AS parent_id,
  exhibits.title AS title,
  exhibits.document_date AS document_date,
  exhibits.document_type AS document_type,
  exhibits.author AS author,
  IF(:recipients, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(value) ORDER BY position, id), ']') FROM exhibit_values
    WHERE exhibit_id = exhibits.id AND field = 'recipient'
  ), NULL) AS recipients,
  IF(:cc, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(value) ORDER BY position, id), ']') FROM exhibit_values
    WHERE exhibit_id = exhibits.id AND field = 'cc'
  ), NULL) AS cc,
  IF(:bcc, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(value) ORDER BY position, id), ']') FROM exhibit_values
    WHERE exhibit_id = exhibits.id AND field = 'bcc'
  ), NULL) AS bcc,
  IF(:custodians, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(value) ORDER BY position, id), ']') FROM exhibit_values
    WHERE exhibit_id = exhibits.id AND field = 'custodian'
  ), NULL) AS custodians,
  exhibits.file_name AS file_name,
  exhibits.file_path AS file_path,
  exhibits.sent_at AS sent_at,
  exhibits.received_at AS received_at,
  exhibits.created_at AS created_at,
  :timeZone AS time_zone,
  exhibits.relevancy_status AS relevancy_status,
  exhibits.privilege_status AS privilege_status,
  IF(:privilege_codes, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(value) ORDER BY position, id), ']') FROM exhibit_values
    WHERE exhibit_id = exhibits.id AND field = 'privilege_code'
  ), NULL) AS privilege_codes,
  IF(:privilege_notes, (
    SELECT notes FROM privilege_logs WHERE exhibit_id = exhibits.id ORDER BY id DESC LIMIT 1
  ), NULL) AS privilege_notes,
  IF(exhibits.withheld, 'Yes', 'No') AS withheld,
  IF(:redaction_reasons, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(value) ORDER BY position, id), ']') FROM exhibit_values
    WHERE exhibit_id = exhibits.id AND field = 'redaction_reason'
  ), NULL) AS redaction_reasons,
  exhibits.confidentiality_code AS confidentiality,
  IF(:issues, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(value) ORDER BY position, id), ']') FROM exhibit_values
    WHERE exhibit_id = exhibits.id AND field = 'issue'
  ), NULL) AS issues,
  IF(:folders, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(name) ORDER BY CONVERT(name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci, folders.id), ']')
    FROM folder_exhibits JOIN folders ON folders.id = folder_id
    WHERE exhibit_id = exhibits.id
  ), NULL) AS folders,
  IF(:tags, (
    SELECT CONCAT('[', GROUP_CONCAT(JSON_QUOTE(name) ORDER BY taggings.id), ']')
    FROM taggings JOIN tags ON tags.id = tag_id
    WHERE exhibit_id = exhibits.id AND custom_field_id IS NULL
  ), NULL) AS tags,
  exhibits.notes AS notes,
  {customFieldValues} AS custom_fields
FROM (
  SELECT id AS position, id FROM exhibits WHERE :everything
  UNION ALL
  SELECT position, id FROM JSON_TABLE(:documentIds, '$[*]' COLUMNS (position FOR ORDINALITY, id INT PATH '$')) AS listed
) AS chosen
JOIN exhibits ON exhibits.id = chosen.id AND exhibits.trashed_at IS NULL
ORDER BY chosen.position
