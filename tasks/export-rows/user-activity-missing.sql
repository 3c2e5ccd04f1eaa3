-- Which of the columns that user activity reads a case does not have. A query that fails where all of them are there
-- is a fault of ours.
SELECT CONCAT(needed.in_table, '.', needed.in_column) AS missing
FROM (
  SELECT 'activities' AS in_table, 'id' AS in_column
  UNION ALL SELECT 'activities', 'user_id'
  UNION ALL SELECT 'activities', 'action'
  UNION ALL SELECT 'activities', 'object_type'
  UNION ALL SELECT 'activities', 'object_id'
  UNION ALL SELECT 'activities', 'details'
  UNION ALL SELECT 'activities', 'created_at'
  UNION ALL SELECT 'review_timers', 'user_id'
  UNION ALL SELECT 'review_timers', 'started_at'
  UNION ALL SELECT 'review_timers', 'stopped_at'
  UNION ALL SELECT 'case_users', 'user_id'
  UNION ALL SELECT 'case_users', 'name'
  UNION ALL SELECT 'case_users', 'email'
) AS needed
LEFT JOIN information_schema.columns AS existing
  ON existing.table_schema = DATABASE() AND existing.table_name = needed.in_table
  AND existing.column_name = needed.in_column
WHERE existing.column_name IS NULL
ORDER BY missing
