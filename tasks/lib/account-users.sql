-- The users of an account, removed ones too, and everybody else with access to one of its databases.
SELECT users.id AS userId, users.email AS email
FROM users
WHERE users.account_id = :accountId
UNION
SELECT users.id, users.email
FROM npcases
JOIN npcase_users ON npcase_users.npcase_id = npcases.id
JOIN users ON users.id = npcase_users.user_id
WHERE npcases.account_id = :accountId
