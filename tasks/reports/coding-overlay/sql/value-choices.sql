SELECT DISTINCT value COLLATE utf8mb4_bin AS choice FROM exhibit_values WHERE field = :field
