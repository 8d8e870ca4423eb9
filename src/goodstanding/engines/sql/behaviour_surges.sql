-- Tallies (account_id, day, known, value, grp) of the accounts that had a day of at least the watch's minimum and times the mean of the days
-- before. Counted for the mean is only what was known in time, so that no account is left out that was out of line when something came late.
WITH busy AS (
    SELECT account_id FROM deeds WHERE known <= $$last GROUP BY account_id HAVING sum(value) >= $$minimum
),
tallies AS MATERIALIZED (
    SELECT account_id, grp, day, known, sum(value)::BIGINT AS value FROM deeds SEMI JOIN busy USING (account_id)
    WHERE known <= $$last
    GROUP BY ALL
),
daily AS MATERIALIZED (
    SELECT account_id, grp, day, sum(value) AS total, coalesce(sum(value) FILTER (known <= day), 0) AS prompt FROM tallies GROUP BY ALL
),
started AS (SELECT account_id, grp, min(day) AS first_day FROM daily GROUP BY ALL),
peaks AS (
    SELECT d.account_id, d.grp, d.day, d.total, least($$history, d.day - s.first_day) AS days
    FROM daily d JOIN started s USING (account_id, grp)
    WHERE d.total >= $$minimum AND least($$history, d.day - s.first_day) >= $$least
),
unlike AS (
    SELECT p.account_id
    FROM peaks p LEFT JOIN daily e ON e.account_id = p.account_id AND e.grp = p.grp AND e.day < p.day AND e.day >= p.day - $$history::INTEGER
    GROUP BY p.account_id, p.grp, p.day, p.total, p.days
    HAVING p.total * p.days >= $$times * coalesce(sum(e.prompt), 0)
)
SELECT account_id, day, known, value, grp FROM tallies SEMI JOIN unlike USING (account_id) ORDER BY account_id, day, known, grp
