-- The logins of the users of an account: counted by user, or one row each and then one row more for who has none.
-- They are account-wide, so they are told here and in no database.
SELECT
  users.id                                               AS userId,
  MAX(CONCAT_WS(' ', users.first_name, users.last_name)) AS name,
  MAX(users.email)                                       AS email,
  CASE
    WHEN MAX(users.removed_at) IS NOT NULL THEN 'Removed'
    WHEN MAX(users.account_admin) THEN 'Dashboard Administrator'
  END                                                    AS accessLevel,
  MAX(users.removed_at) IS NULL                          AS hasAccess,
  COUNT(logins.id)                                       AS count,
  MIN(logins.created_at)                                 AS firstAt,
  MAX(logins.created_at)                                 AS lastAt
FROM users
LEFT JOIN user_activities AS logins ON logins.user_id = users.id AND logins.action = 'login'
  AND logins.created_at >= :fromUtc AND logins.created_at < :beforeUtc
WHERE users.account_id = :accountId
  AND (:everyone OR users.id IN (:userIds))
GROUP BY users.id, IF(:oneByOne, logins.id, NULL)
ORDER BY firstAt, MIN(logins.id), userId
