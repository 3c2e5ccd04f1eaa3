-- Who may open a case, and who opened it: counted by user, or one row each and then one row more for who did not. An
-- administrator of the account may open every case. Who may not any more is told apart by the access level.
SELECT
  users.id                                               AS userId,
  MAX(CONCAT_WS(' ', users.first_name, users.last_name)) AS name,
  MAX(users.email)                                       AS email,
  CASE
    WHEN MAX(users.removed_at) IS NOT NULL THEN 'Removed'
    WHEN MAX(npcase_users.access_level) = 'view_only' THEN 'View Only'
    WHEN MAX(npcase_users.id) IS NOT NULL
      THEN CONCAT(UPPER(LEFT(MAX(npcase_users.access_level), 1)), SUBSTRING(MAX(npcase_users.access_level), 2))
    WHEN MAX(users.account_admin AND users.account_id = :accountId) THEN 'Dashboard Administrator'
    ELSE 'Removed'
  END                                                    AS accessLevel,
  MAX(npcase_users.id) IS NOT NULL AND MAX(users.removed_at) IS NULL AS hasAccess,
  COUNT(accesses.id)                                     AS count,
  MIN(accesses.created_at)                               AS firstAt,
  MAX(accesses.created_at)                               AS lastAt
FROM (
  SELECT user_id FROM npcase_users WHERE npcase_id = :caseId
  UNION
  SELECT id FROM users WHERE account_id = :accountId AND account_admin
  UNION
  SELECT user_id FROM user_activities
  WHERE npcase_id = :caseId AND action = 'case_access' AND created_at >= :fromUtc AND created_at < :beforeUtc
) AS related
JOIN users ON users.id = related.user_id
LEFT JOIN npcase_users ON npcase_users.npcase_id = :caseId AND npcase_users.user_id = users.id
LEFT JOIN user_activities AS accesses ON accesses.npcase_id = :caseId AND accesses.user_id = users.id
  AND accesses.action = 'case_access' AND accesses.created_at >= :fromUtc AND accesses.created_at < :beforeUtc
WHERE :everyone OR users.id IN (:userIds)
GROUP BY users.id, IF(:oneByOne, accesses.id, NULL)
ORDER BY firstAt, MIN(accesses.id), userId
