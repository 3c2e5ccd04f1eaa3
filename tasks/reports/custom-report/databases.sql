-- The databases of an account, with all who may open them, guests of other firms too. One that the nightly count has not seen yet has no sizes, rather than zeros.
SELECT
  npcases.project_name                                     AS `Project Name`,
  npcases.client_number                                    AS `Client Number`,
  npcases.matter_number                                    AS `Matter Number`,
  npcases.id                                               AS `Database ID`,
  npcases.name                                             AS `Database Name`,
  CASE npcases.case_type
    WHEN 'review' THEN 'Discovery'
    WHEN 'trial_prep' THEN 'Litigation'
    ELSE npcases.case_type
  END                                                      AS `Database Type`,
  CONCAT(UPPER(LEFT(npcases.status, 1)), SUBSTRING(npcases.status, 2)) AS `Status`,
  npcases.created_at                                       AS `Created On`,
  npcases.archived_at                                      AS `Archived On`,
  ROUND(npcase_statistics.active_bytes / 1000000000, 2)    AS `Active Data (GB)`,
  npcase_statistics.documents                              AS `Documents`,
  npcase_statistics.pages                                  AS `Pages`,
  COALESCE(people.number_of_users, 0)                      AS `User Count`,
  people.emails                                            AS `User Emails`,
  accesses.last_at                                         AS `Last Accessed At`,
  :timeZone                                                AS `Time Zone`
FROM npcases
LEFT JOIN npcase_statistics ON npcase_statistics.npcase_id = npcases.id
LEFT JOIN (
  SELECT
    npcase_users.npcase_id,
    COUNT(*) AS number_of_users,
    GROUP_CONCAT(users.email ORDER BY CONVERT(users.email USING utf8mb4) COLLATE utf8mb4_unicode_520_ci, users.id SEPARATOR '; ') AS emails
  FROM npcase_users
  JOIN users ON users.id = npcase_users.user_id
  JOIN npcases AS opened ON opened.id = npcase_users.npcase_id AND opened.account_id = :accountId
  WHERE users.removed_at IS NULL
  GROUP BY npcase_users.npcase_id
) AS people ON people.npcase_id = npcases.id
LEFT JOIN (
  SELECT user_activities.npcase_id, MAX(user_activities.created_at) AS last_at
  FROM user_activities
  JOIN npcases AS accessed ON accessed.id = user_activities.npcase_id AND accessed.account_id = :accountId
  GROUP BY user_activities.npcase_id
) AS accesses ON accesses.npcase_id = npcases.id
WHERE npcases.account_id = :accountId
  AND (:allDatabases OR npcases.id IN (:databaseIds))
  AND (:includeArchived OR npcases.status <> 'archived')
ORDER BY
  CONVERT(npcases.project_name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  CONVERT(npcases.name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci,
  npcases.id
