-- The address of the person named as the one who approved, when there is such a user in the account who may approve.
SELECT users.email AS email
FROM users
WHERE users.id = :userId
  AND users.account_id = :accountId
  AND users.removed_at IS NULL
  AND users.data_control_admin
