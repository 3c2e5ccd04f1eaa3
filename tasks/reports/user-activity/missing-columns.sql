-- Which of the columns that user activity reads a case does not have; some only one event at a time, some only counted. A
-- query that fails where all of them are there is a fault of ours.
SELECT CONCAT(needed.in_table, '.', needed.in_column) AS missing
FROM (
  SELECT 'activities' AS in_table, 'id' AS in_column, TRUE AS only_one_by_one
  UNION ALL SELECT 'activities', 'user_id', NULL
  UNION ALL SELECT 'activities', 'action', NULL
  UNION ALL SELECT 'activities', 'object_type', NULL
  UNION ALL SELECT 'activities', 'object_id', NULL
  UNION ALL SELECT 'activities', 'details', TRUE
  UNION ALL SELECT 'activities', 'created_at', NULL
  UNION ALL SELECT 'review_timers', 'user_id', FALSE
  UNION ALL SELECT 'review_timers', 'started_at', FALSE
  UNION ALL SELECT 'review_timers', 'stopped_at', FALSE
  UNION ALL SELECT 'case_users', 'user_id', NULL
  UNION ALL SELECT 'case_users', 'name', NULL
  UNION ALL SELECT 'case_users', 'email', NULL
) AS needed
LEFT JOIN information_schema.columns AS existing
  ON existing.table_schema = DATABASE() AND existing.table_name = needed.in_table
  AND existing.column_name = needed.in_column
WHERE existing.column_name IS NULL AND COALESCE(needed.only_one_by_one = :oneByOne, TRUE)
ORDER BY missing
