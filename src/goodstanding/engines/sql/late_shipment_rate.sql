-- Merchant-fulfilled orders by shipped day; against: shipped after ship_by, by day or to the second.
WITH shipped AS (
    SELECT *, caused_by IS NULL AND coalesce(CASE WHEN $late_by = 'day' THEN shipped_at_day > ship_by_day ELSE shipped_at > ship_by END, FALSE) AS late
    FROM $base
    WHERE shipped_at IS NOT NULL AND fulfilment IS DISTINCT FROM 'platform'
)
SELECT account_id, order_id AS subject_id, CASE WHEN late THEN 1 ELSE 0 END AS numerator, 1 AS denominator, late AS against,
    greatest(shipped_at_day + $lag, known_from) AS from_day,
    least(shipped_at_day + $lag + $window, known_to) AS to_day
FROM shipped
