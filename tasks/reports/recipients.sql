-- Those of the named people, their addresses in lower case, who are users of the account, and whether they may see the report:
-- administrators, and for a case whoever was given access.
SELECT
  users.email                                       AS email,
  CONCAT_WS(' ', users.first_name, users.last_name) AS name,
  IF(users.account_admin, 'advanced', npcase_users.access_level) AS accessLevel,
  users.removed_at IS NULL AND (users.account_admin OR npcase_users.id IS NOT NULL) AS mayOpen
FROM users
LEFT JOIN npcase_users ON npcase_users.npcase_id = :caseId AND npcase_users.user_id = users.id
WHERE CAST(LOWER(CONVERT(users.email USING utf8mb4)) AS BINARY) IN (:emails)
  AND users.account_id = :accountId
