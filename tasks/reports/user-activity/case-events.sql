-- What users did in a case, one row each.
SELECT
  activities.created_at  AS doneAt,
  activities.user_id     AS userId,
  activities.action      AS action,
  CONCAT(UPPER(LEFT(activities.object_type, 1)), SUBSTRING(activities.object_type, 2)) AS objectType,
  activities.object_id   AS objectId,
  activities.details     AS details
FROM activities
WHERE activities.created_at >= :fromUtc AND activities.created_at < :beforeUtc
  AND activities.action IN (:actions)
  AND (:everyone OR activities.user_id IN (:userIds))
ORDER BY activities.created_at, activities.id
