-- Those of the named users who may open the case, by the rules that hold for the requester: of its account, and
-- administrators there or given access. Comments here hold no quotes, which the driver would take for SQL.
SELECT
  users.email                                       AS email,
  CONCAT_WS(' ', users.first_name, users.last_name) AS name
FROM users
JOIN npcases ON npcases.id = :caseId
LEFT JOIN npcase_users ON npcase_users.npcase_id = npcases.id AND npcase_users.user_id = users.id
WHERE users.email IN (:emails)
  AND users.removed_at IS NULL
  AND users.account_id = npcases.account_id
  AND (users.account_admin OR npcase_users.id IS NOT NULL)
