SELECT id FROM case_users WHERE user_id = :userId
