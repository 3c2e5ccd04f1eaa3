INSERT INTO elasticsearch_index_requests (npcase_id, record_type, record_id, created_at)
SELECT npcase_id, 'Exhibit', id, UTC_TIMESTAMP() FROM exhibits WHERE id IN (:ids)
