-- How many rows a grid of all documents has.
SELECT COUNT(*) AS found FROM exhibits WHERE trashed_at IS NULL
