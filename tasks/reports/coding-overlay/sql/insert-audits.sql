INSERT INTO model_audits
  (npcase_id, auditable_type, auditable_id, action, user_id, job_id, chunk, audited_changes, created_at)
VALUES :rows
