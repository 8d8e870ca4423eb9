-- Tallies (account_id, is_part, day, known, value) of part and whole, of the accounts that ever had the watch's minimum of the part.
WITH busy AS (
    SELECT account_id FROM deeds WHERE known <= $$last GROUP BY account_id HAVING sum(value) >= $$minimum
)
SELECT account_id, TRUE AS is_part, day, known, sum(value)::BIGINT AS value FROM deeds SEMI JOIN busy USING (account_id)
WHERE known <= $$last GROUP BY ALL
UNION ALL
SELECT account_id, FALSE, day, known, sum(value)::BIGINT FROM whole SEMI JOIN busy USING (account_id)
WHERE known <= $$last GROUP BY ALL
ORDER BY account_id
