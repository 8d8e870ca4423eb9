-- Succeeded sign-ins whose country and device are both new to the account, judged on the day their first version is known
-- against the earlier ones of $history_days days known by then. Window functions first set aside the many that are plainly
-- like the one before, so that only a few are compared with all.
WITH known AS (
    SELECT *, row_number() OVER (PARTITION BY sign_in_id ORDER BY known_from) = 1 AS is_first
    FROM facts.sign_ins
    WHERE known_from < known_to
),
prompt AS (
    SELECT sign_in_id, known_from,
        max(at_day) OVER (PARTITION BY account_id, country ORDER BY known.at
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING) AS country_day,
        max(at_day) OVER (PARTITION BY account_id, device_id ORDER BY known.at
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING) AS device_day
    FROM known
    WHERE succeeded AND country IS NOT NULL AND device_id IS NOT NULL AND known_from = at_day AND known_to = DATE '9999-12-31'
),
candidates AS (
    SELECT k.sign_in_id, k.account_id, k.at, k.at_day, k.country, k.device_id, greatest(k.at_day, k.known_from) AS judged
    FROM known k LEFT JOIN prompt p ON p.sign_in_id = k.sign_in_id AND p.known_from = k.known_from
    WHERE k.is_first AND k.succeeded AND k.caused_by IS NULL AND k.country IS NOT NULL AND k.device_id IS NOT NULL
        AND (p.country_day IS NULL OR p.country_day < k.at_day - $history_days)
        AND (p.device_day IS NULL OR p.device_day < k.at_day - $history_days)
),
unlike AS (
    SELECT c.account_id, c.judged, c.sign_in_id
    FROM candidates c LEFT JOIN known k ON k.account_id = c.account_id AND k.at < c.at AND k.succeeded
        AND k.at_day >= c.at_day - $history_days AND k.known_from <= c.judged AND k.known_to > c.judged
    GROUP BY c.account_id, c.judged, c.sign_in_id
    HAVING count(k.sign_in_id) >= $least_history
        AND count(*) FILTER (WHERE k.country = c.country OR k.device_id = c.device_id) = 0
),
daily AS (
    SELECT account_id, judged AS day, list(sign_in_id ORDER BY sign_in_id) AS subject_ids
    FROM unlike
    GROUP BY account_id, judged
)
SELECT d.account_id, r.code AS reason, 'sign_in' AS origin, d.day AS opened,
    d.day AS from_day, DATE '9999-12-31' AS to_day, d.day AS known_from,
    'sign_ins' AS subject_kind, d.subject_ids, r.points, r.critical
FROM daily d
LEFT JOIN sums.holders h ON h.account_id = d.account_id AND h.from_day <= d.day AND d.day < h.to_day
JOIN sums.reasons r ON r.found_by = 'sign_in' AND r.holder_kind = coalesce(h.holder_kind, 'seller')
