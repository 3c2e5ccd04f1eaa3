-- The person named as the one who approved, when there is such a user in the account who may approve.
SELECT users.id AS userId
FROM users
WHERE users.id = :userId
  AND users.email = :email
  AND users.account_id = :accountId
  AND users.removed_at IS NULL
  AND users.data_control_admin
