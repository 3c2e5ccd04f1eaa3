-- What each user did in a case, and the hours in which a timer ran that was stopped, as far as they lie in the period. Nobody
-- works twice in one hour: where timers overlap, it counts once. Documents are counted once however often they were opened.
SELECT
  done.user_id                              AS userId,
  MIN(done.first_at)                        AS firstAt,
  MAX(done.last_at)                         AS lastAt,
  SUM(done.views)                           AS views,
  SUM(done.documents_viewed)                AS documentsViewed,
  SUM(done.documents_reviewed)              AS documentsReviewed,
  SUM(done.searches)                        AS searches,
  SUM(done.exports)                         AS exports,
  ROUND(SUM(done.tracked_seconds) / 3600, 2) AS trackedHours
FROM (
  SELECT
    user_id,
    MIN(created_at)                                                AS first_at,
    MAX(created_at)                                                AS last_at,
    SUM(action = 'document_view')                                  AS views,
    COUNT(DISTINCT IF(action = 'document_view' AND object_type = 'document', object_id, NULL))   AS documents_viewed,
    COUNT(DISTINCT IF(action = 'document_review' AND object_type = 'document', object_id, NULL)) AS documents_reviewed,
    SUM(action = 'search')                                         AS searches,
    SUM(action IN ('export', 'download'))                          AS exports,
    0                                                              AS tracked_seconds
  FROM activities
  WHERE created_at >= :fromUtc AND created_at < :beforeUtc
    AND action IN (:actions)
    AND (:everyone OR user_id IN (:userIds))
  GROUP BY user_id
  UNION ALL
  SELECT user_id, NULL, NULL, 0, 0, 0, 0, 0, SUM(GREATEST(TIMESTAMPDIFF(SECOND, begins_at, ends_at), 0))
  FROM (
    SELECT
      user_id,
      -- Later than it ends when it lies within others.
      GREATEST(started_at, :fromUtc, COALESCE(MAX(stopped_at) OVER earlier, started_at)) AS begins_at,
      LEAST(stopped_at, :beforeUtc) AS ends_at
    FROM review_timers
    WHERE started_at < :beforeUtc AND stopped_at > :fromUtc AND stopped_at > started_at
      AND (:everyone OR user_id IN (:userIds))
    WINDOW earlier AS (
      PARTITION BY user_id ORDER BY started_at, stopped_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
  ) AS timers
  GROUP BY user_id
) AS done
GROUP BY done.user_id
