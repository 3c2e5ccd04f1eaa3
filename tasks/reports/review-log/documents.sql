-- One row a document that has a status, or that is withheld, with every field that a log may show; which of them it does is chosen
-- afterwards. The lists of a request may take 10 KB of the 16 that a statement may have, so they stand here once. Several
-- values are a JSON list.
WITH documents AS (
  -- Who set a status, when and why is what the last entry of its log says.
  SELECT
    exhibits.*,
    COALESCE(exhibits.parent_id, exhibits.id) AS family_id,
    privilege.notes AS privilege_notes,
    relevancy.user_id AS reviewer_id,
    relevancy.created_at AS reviewed_at,
    confidentiality.user_id AS setter_id,
    confidentiality.created_at AS set_at,
    CASE :logType
      WHEN 'privilege' THEN CONVERT(privilege_status USING utf8mb4)
      WHEN 'relevancy' THEN CONVERT(relevancy_status USING utf8mb4)
      ELSE CONVERT(confidentiality_code USING utf8mb4)
    END AS status,
    CASE :logType
      WHEN 'privilege' THEN privilege.created_at
      WHEN 'relevancy' THEN relevancy.created_at
      ELSE confidentiality.created_at
    END AS changed_at
  FROM exhibits
  LEFT JOIN privilege_logs AS privilege
    ON privilege.id = (SELECT MAX(id) FROM privilege_logs WHERE exhibit_id = exhibits.id)
  LEFT JOIN relevancy_logs AS relevancy
    ON relevancy.id = (SELECT MAX(id) FROM relevancy_logs WHERE exhibit_id = exhibits.id)
  LEFT JOIN confidentiality_logs AS confidentiality
    ON confidentiality.id = (SELECT MAX(id) FROM confidentiality_logs WHERE exhibit_id = exhibits.id)
  WHERE trashed_at IS NULL
), chosen AS (
  SELECT id, family_id
  FROM documents
  -- Blanks are no status. Statuses are the same when every character is. Of those that a case made itself, nobody knows which
  -- mean that a document is not privileged: a log of what is withheld has them all.
  WHERE IF(
      :withheldOnly,
      withheld
        OR CAST(LOWER(TRIM(status)) AS BINARY) NOT IN ('', 'not privileged', 'not reviewed')
        OR EXISTS (
          SELECT 1 FROM exhibit_values
          WHERE exhibit_id = documents.id AND field = 'redaction_reason' AND CHAR_LENGTH(TRIM(value)) > 0
        ),
      CHAR_LENGTH(TRIM(status)) > 0 AND COALESCE(CAST(status AS BINARY) IN (:statuses), TRUE)
    )
    AND (:everything OR id IN (SELECT exhibit_id FROM folder_exhibits WHERE folder_id IN (:folderIds)))
    AND (:fromUtc IS NULL OR changed_at >= :fromUtc)
    AND (:beforeUtc IS NULL OR changed_at < :beforeUtc)
)
SELECT
  ROW_NUMBER() OVER (
    -- Families stay together, whatever goes first, and begin with their parent. What has no such value goes last.
    ORDER BY
      CASE :sort WHEN 'bates' THEN heads.bates_start IS NULL WHEN 'date' THEN heads.known_date IS NULL END,
      CASE :sort WHEN 'date' THEN heads.known_date END,
      CONVERT(CASE :sort WHEN 'bates' THEN heads.bates_start END USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
      documents.family_id,
      documents.parent_id IS NOT NULL,
      CONVERT(documents.bates_start USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
      documents.id
  ) AS `Log Number`,
  documents.id AS `Nextpoint ID`,
  documents.bates_start AS `Bates Start`,
  documents.bates_end AS `Bates End`,
  documents.parent_id AS `Parent ID`,
  CASE
    WHEN documents.parent_id IS NOT NULL THEN 'Attachment'
    WHEN EXISTS (SELECT 1 FROM exhibits WHERE exhibits.parent_id = documents.id) THEN 'Parent'
    ELSE 'Single'
  END AS `Family Role`,
  IF(documents.document_date >= '1000-01-01', documents.document_date, NULL) AS `Document Date`,
  documents.document_type AS `Document Type`,
  documents.author AS `Author`,
  lists.recipients AS `Recipients`,
  lists.cc AS `CC`,
  lists.bcc AS `BCC`,
  documents.title AS `Title`,
  lists.custodians AS `Custodians`,
  documents.privilege_status AS `Privilege Status`,
  lists.privilege_codes AS `Privilege Codes`,
  documents.privilege_notes AS `Privilege Notes`,
  CASE WHEN documents.withheld THEN 'Withheld' WHEN lists.redactions > 0 THEN 'Redacted' END AS `Withheld Or Redacted`,
  lists.redaction_reasons AS `Redaction Reasons`,
  documents.confidentiality_code AS `Confidentiality`,
  documents.page_count AS `Page Count`,
  documents.relevancy_status AS `Relevancy Status`,
  lists.issues AS `Issues`,
  reviewers.name AS `Reviewer`,
  documents.reviewed_at AS `Reviewed At`,
  setters.name AS `Set By`,
  documents.set_at AS `Set At`,
  :timeZone AS `Time Zone`
FROM documents
LEFT JOIN (
  SELECT id, bates_start, IF(document_date >= '1000-01-01', document_date, NULL) AS known_date FROM exhibits
) AS heads ON heads.id = documents.family_id
LEFT JOIN case_users AS reviewers ON reviewers.user_id = documents.reviewer_id
LEFT JOIN case_users AS setters ON setters.user_id = documents.setter_id
LEFT JOIN (
  SELECT
    exhibit_id,
    SUM(field = 'redaction_reason' AND CHAR_LENGTH(TRIM(value)) > 0) AS redactions,
    CONCAT('[', GROUP_CONCAT(IF(field = 'recipient', JSON_QUOTE(value), NULL) ORDER BY position, id), ']') AS recipients,
    CONCAT('[', GROUP_CONCAT(IF(field = 'cc', JSON_QUOTE(value), NULL) ORDER BY position, id), ']') AS cc,
    CONCAT('[', GROUP_CONCAT(IF(field = 'bcc', JSON_QUOTE(value), NULL) ORDER BY position, id), ']') AS bcc,
    CONCAT('[', GROUP_CONCAT(IF(field = 'custodian', JSON_QUOTE(value), NULL) ORDER BY position, id), ']') AS custodians,
    CONCAT('[', GROUP_CONCAT(IF(field = 'privilege_code', JSON_QUOTE(value), NULL) ORDER BY position, id), ']') AS privilege_codes,
    CONCAT('[', GROUP_CONCAT(IF(field = 'redaction_reason', JSON_QUOTE(value), NULL) ORDER BY position, id), ']') AS redaction_reasons,
    CONCAT('[', GROUP_CONCAT(IF(field = 'issue', JSON_QUOTE(value), NULL) ORDER BY position, id), ']') AS issues
  FROM exhibit_values
  GROUP BY exhibit_id
) AS lists ON lists.exhibit_id = documents.id
WHERE IF(
  :includeFamilies,
  documents.family_id IN (SELECT family_id FROM chosen),
  documents.id IN (SELECT id FROM chosen)
)
ORDER BY `Log Number`
