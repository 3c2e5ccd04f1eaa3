-- The users of these addresses: of the account, or with access to one of its databases.
SELECT users.id AS userId, users.email AS email
FROM users
WHERE users.email IN (:emails)
  AND (
    users.account_id = :accountId
    OR EXISTS (
      SELECT 1 FROM npcase_users
      JOIN npcases ON npcases.id = npcase_users.npcase_id
      WHERE npcase_users.user_id = users.id AND npcases.account_id = :accountId
    )
  )
