-- Hashes of the accounts ($who) that may have a day of at least the watch's minimum and times the mean of the days before. Cheap, because
-- hashes are grouped and no version is told from another: every version counts for the day, and for the mean only what was known in time and never corrected.
WITH corrected AS (SELECT DISTINCT order_id FROM facts.orders WHERE known_to < DATE '9999-12-31'),
counted AS (
    SELECT hash($who) AS h, placed_at_day AS day, $value AS value,
        known_from <= placed_at_day AND caused_by IS NULL AND order_id NOT IN (SELECT order_id FROM corrected) AS is_prompt, $group AS grp
    FROM facts.orders
    WHERE $who IS NOT NULL AND $value IS NOT NULL
),
busy AS (SELECT h FROM counted GROUP BY h HAVING sum(value) >= $minimum),
daily AS MATERIALIZED (
    SELECT h, grp, day, sum(value) AS total, coalesce(sum(value) FILTER (is_prompt), 0) AS prompt
    FROM counted SEMI JOIN busy USING (h) GROUP BY h, grp, day
),
started AS (SELECT h, grp, min(day) AS first_day FROM daily GROUP BY h, grp),
peaks AS (
    SELECT d.h, d.grp, d.day, d.total, least($history, d.day - s.first_day) AS days
    FROM daily d JOIN started s USING (h, grp)
    WHERE d.total >= $minimum AND d.day - s.first_day >= $least
),
unlike AS (
    SELECT p.h
    FROM peaks p LEFT JOIN daily e ON e.h = p.h AND e.grp = p.grp AND e.day < p.day AND e.day >= p.day - $history
    GROUP BY p.h, p.grp, p.day, p.total, p.days
    HAVING p.total * p.days >= $times * coalesce(sum(e.prompt), 0)
)
SELECT DISTINCT h FROM unlike
