-- The statuses in use, beside those that always are.
SELECT DISTINCT
  CASE :field
    WHEN 'relevancy_status' THEN relevancy_status
    WHEN 'privilege_status' THEN privilege_status
    ELSE confidentiality_code
  END COLLATE utf8mb4_bin AS choice
FROM exhibits
