-- Who worked in a case, as it last knew them.
SELECT
  user_id AS userId,
  name    AS name,
  email   AS email
FROM case_users
