INSERT IGNORE INTO overlay_turns (npcase_id) VALUES (:caseId)
