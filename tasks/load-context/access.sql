-- The requester, the account, the case, and what the one may do in the others: always one row, with NULL for what is
-- not there. A report on a whole account has no case.
SELECT
  users.account_id                                  AS accountId,
  accounts.name                                     AS accountName,
  accounts.allow_outside_recipients                 AS allowsOutsideRecipients,
  accounts.require_report_approval                  AS requiresApproval,
  CONCAT_WS(' ', users.first_name, users.last_name) AS userName,
  users.email                                       AS userEmail,
  users.removed_at IS NOT NULL                      AS userRemoved,
  users.account_admin                               AS accountAdmin,
  npcases.account_id                                AS caseAccountId,
  npcases.name                                      AS caseName,
  npcases.status                                    AS caseStatus,
  users.account_admin OR npcase_users.id IS NOT NULL AS mayOpen
FROM (SELECT 1) AS one_row
LEFT JOIN users ON users.id = :userId
LEFT JOIN accounts ON accounts.id = users.account_id
LEFT JOIN npcases ON npcases.id = :caseId
LEFT JOIN npcase_users ON npcase_users.npcase_id = npcases.id AND npcase_users.user_id = users.id
