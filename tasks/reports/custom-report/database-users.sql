-- The users of the databases of an account, guests of other firms too. A removed user has no access level any more, and is not listed.
SELECT
  npcases.project_name                              AS `Project Name`,
  npcases.client_number                             AS `Client Number`,
  npcases.matter_number                             AS `Matter Number`,
  npcases.id                                        AS `Database ID`,
  npcases.name                                      AS `Database Name`,
  CASE npcases.case_type
    WHEN 'review' THEN 'Discovery'
    WHEN 'trial_prep' THEN 'Litigation'
    ELSE npcases.case_type
  END                                               AS `Database Type`,
  CONCAT(UPPER(LEFT(npcases.status, 1)), SUBSTRING(npcases.status, 2)) AS `Status`,
  CONCAT_WS(' ', users.first_name, users.last_name) AS `User Name`,
  users.email                                       AS `User Email`,
  CASE npcase_users.access_level
    WHEN 'view_only' THEN 'View Only'
    ELSE CONCAT(UPPER(LEFT(npcase_users.access_level, 1)), SUBSTRING(npcase_users.access_level, 2))
  END                                               AS `Access Level`,
  accounts.name                                     AS `Guest Of`,
  CONCAT(UPPER(LEFT(users.license_type, 1)), SUBSTRING(users.license_type, 2)) AS `License Type`,
  accesses.last_at                                  AS `Last Accessed At`,
  :timeZone                                         AS `Time Zone`
FROM npcases
JOIN npcase_users ON npcase_users.npcase_id = npcases.id
JOIN users ON users.id = npcase_users.user_id AND users.removed_at IS NULL
LEFT JOIN accounts ON accounts.id = users.account_id AND accounts.id <> :accountId
LEFT JOIN (
  SELECT user_activities.npcase_id, user_activities.user_id, MAX(user_activities.created_at) AS last_at
  FROM user_activities
  JOIN npcases AS accessed ON accessed.id = user_activities.npcase_id AND accessed.account_id = :accountId
  GROUP BY user_activities.npcase_id, user_activities.user_id
) AS accesses ON accesses.npcase_id = npcases.id AND accesses.user_id = users.id
WHERE npcases.account_id = :accountId
  AND (:allDatabases OR npcases.id IN (:databaseIds))
  AND (:includeArchived OR npcases.status <> 'archived')
ORDER BY
  CONVERT(npcases.project_name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(npcases.name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  npcases.id,
  CONVERT(users.last_name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(users.first_name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  users.id
