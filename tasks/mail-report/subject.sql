-- The name of the case, or of the account for a report on the whole of it, with the address of this user, who may open it.
SELECT users.email AS email, IF(:caseId IS NULL, accounts.name, npcases.name) AS name
FROM users
JOIN accounts ON accounts.id = users.account_id
LEFT JOIN npcases ON npcases.id = :caseId AND npcases.account_id = users.account_id
LEFT JOIN npcase_users ON npcase_users.npcase_id = npcases.id AND npcase_users.user_id = users.id
WHERE users.id = :userId
  AND users.removed_at IS NULL
  AND (users.account_admin OR npcase_users.id IS NOT NULL)
