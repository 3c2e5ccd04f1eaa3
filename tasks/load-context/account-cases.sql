-- The databases of an account.
SELECT npcases.id AS caseId
FROM npcases
WHERE npcases.account_id = :accountId
