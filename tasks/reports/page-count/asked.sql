-- The folders that the request names, as far as the case has them.
SELECT 'folder' AS kind, id AS name FROM folders WHERE id IN (:folderIds)
