-- Merchant-fulfilled orders by shipped day, in the numerator those with valid tracking; against: those without.
SELECT account_id, order_id AS subject_id, CASE WHEN tracking_valid THEN 1 ELSE 0 END AS numerator, 1 AS denominator,
    NOT coalesce(tracking_valid, FALSE) AS against,
    greatest(shipped_at_day + $lag, known_from) AS from_day,
    least(shipped_at_day + $lag + $window, known_to) AS to_day
FROM $base
WHERE shipped_at IS NOT NULL AND fulfilment IS DISTINCT FROM 'platform' AND caused_by IS NULL
