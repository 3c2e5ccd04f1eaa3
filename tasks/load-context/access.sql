-- The requester, the case, and what the one may do in the other: always one row, with NULL for what is not there.
SELECT
  users.account_id                                  AS userAccountId,
  CONCAT_WS(' ', users.first_name, users.last_name) AS userName,
  users.email                                       AS userEmail,
  users.removed_at IS NOT NULL                      AS userRemoved,
  npcases.account_id                                AS caseAccountId,
  npcases.name                                      AS caseName,
  npcases.status                                    AS caseStatus,
  npcases.nge_enabled                               AS keepsFieldsOnS3,
  accounts.name                                     AS accountName,
  IF(users.account_admin, 'advanced', npcase_users.access_level) AS accessLevel,
  users.account_admin OR npcase_users.id IS NOT NULL AS mayOpen
FROM (SELECT 1) AS one_row
LEFT JOIN users ON users.id = :userId
LEFT JOIN npcases ON npcases.id = :caseId
LEFT JOIN accounts ON accounts.id = npcases.account_id
LEFT JOIN npcase_users ON npcase_users.npcase_id = npcases.id AND npcase_users.user_id = users.id
