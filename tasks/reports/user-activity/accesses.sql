-- Who may open a case, who opened it, and who else is of the account: counted by user, or one row each and one row more
-- for who did not open it. An administrator of the account may open every case. Who may not any more is told apart by the
-- access level. Somebody whom this schema does not know any more has no name here.
SELECT
  related.user_id                                        AS userId,
  CONCAT_WS(' ', users.first_name, users.last_name)      AS name,
  users.email                                            AS email,
  CASE
    WHEN users.id IS NULL OR users.removed_at IS NOT NULL THEN 'Removed'
    WHEN users.account_admin AND users.account_id = :accountId THEN 'Dashboard Administrator'
    WHEN npcase_users.access_level = 'view_only' THEN 'View Only'
    WHEN npcase_users.id IS NOT NULL
      THEN CONCAT(UPPER(LEFT(npcase_users.access_level, 1)), SUBSTRING(npcase_users.access_level, 2))
    ELSE 'Removed'
  END                                                    AS accessLevel,
  npcase_users.id IS NOT NULL AND users.id IS NOT NULL AND users.removed_at IS NULL AS hasAccess,
  COALESCE(accesses.count, 0)                            AS count,
  accesses.first_at                                      AS firstAt,
  accesses.last_at                                       AS lastAt
FROM (
  SELECT user_id FROM npcase_users WHERE npcase_id = :caseId
  UNION
  SELECT id FROM users WHERE account_id = :accountId
  UNION
  SELECT user_id FROM user_activities
  WHERE npcase_id = :caseId AND action = 'case_access' AND created_at >= :fromUtc AND created_at < :beforeUtc
) AS related
LEFT JOIN users ON users.id = related.user_id
LEFT JOIN npcase_users ON npcase_users.npcase_id = :caseId AND npcase_users.user_id = related.user_id
LEFT JOIN (
  -- Counted first: joined one by one, the accesses would be looked up for each user in all years.
  SELECT MIN(id) AS id, user_id, COUNT(*) AS count, MIN(created_at) AS first_at, MAX(created_at) AS last_at
  FROM user_activities
  WHERE npcase_id = :caseId AND action = 'case_access' AND created_at >= :fromUtc AND created_at < :beforeUtc
  GROUP BY user_id, IF(:oneByOne, id, NULL)
) AS accesses ON accesses.user_id = related.user_id
WHERE :everyone OR related.user_id IN (:userIds)
ORDER BY firstAt, accesses.id, userId
