-- Merchant-fulfilled orders by deliver_by day until cancelled, in the numerator those delivered by that day; against: those not.
WITH due AS (
    SELECT *, coalesce(delivered_at_day <= deliver_by_day, FALSE) AS on_time
    FROM $due
    WHERE deliver_by IS NOT NULL AND fulfilment IS DISTINCT FROM 'platform' AND caused_by IS NULL
)
SELECT account_id, order_id AS subject_id, CASE WHEN on_time THEN 1 ELSE 0 END AS numerator, 1 AS denominator, NOT on_time AS against,
    greatest(deliver_by_day + $lag, known_from) AS from_day,
    least(deliver_by_day + $lag + $window, known_to, cancelled_at_day) AS to_day
FROM due
