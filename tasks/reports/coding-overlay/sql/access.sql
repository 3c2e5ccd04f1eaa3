-- The level of the requester in the case, and where the case keeps the values of custom fields.
SELECT
  IF(users.account_admin, 'advanced', npcase_users.access_level) AS accessLevel,
  npcases.nge_enabled AS keepsFieldsOnS3
FROM npcases
JOIN users ON users.id = :userId AND users.account_id = npcases.account_id AND users.removed_at IS NULL
LEFT JOIN npcase_users ON npcase_users.npcase_id = npcases.id AND npcase_users.user_id = users.id
WHERE npcases.id = :caseId AND npcases.status = 'active'
