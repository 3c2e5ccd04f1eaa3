-- By bytes: collations take some values for the same that differ in case or in blanks at the end.
SELECT MIN(value) AS choice FROM exhibit_values WHERE field = :field GROUP BY CAST(value AS BINARY)
