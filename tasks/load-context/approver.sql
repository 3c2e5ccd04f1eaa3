-- The person named as the one who approved, when there is such a user in the account who may approve.
SELECT users.id AS userId
FROM users
WHERE users.id = :userId
  AND CAST(LOWER(CONVERT(users.email USING utf8mb4)) AS BINARY) = :email
  AND users.account_id = :accountId
  AND users.removed_at IS NULL
  AND users.data_control_admin
