-- Documents by their Bates numbers; compared exactly afterwards, since the collation is not.
SELECT id, bates_start, trashed_at IS NOT NULL AS is_trashed FROM exhibits WHERE bates_start IN (:keys)
