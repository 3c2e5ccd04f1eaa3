-- The statuses in use, by bytes.
SELECT MIN(choice) AS choice
FROM (
  SELECT
    CASE :field
      WHEN 'relevancy_status' THEN relevancy_status
      WHEN 'privilege_status' THEN privilege_status
      ELSE confidentiality_code
    END AS choice
  FROM exhibits
) AS statuses
GROUP BY CAST(choice AS BINARY)
