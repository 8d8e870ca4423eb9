-- Merchant-fulfilled orders by placed day; against: cancelled by the seller, and not shipped before that.
SELECT account_id, order_id AS subject_id, 0 AS numerator, 1 AS denominator, FALSE AS against,
    greatest(placed_at_day + $lag, known_from) AS from_day,
    least(placed_at_day + $lag + $window, known_to) AS to_day
FROM $base
WHERE fulfilment IS DISTINCT FROM 'platform'
UNION ALL
SELECT account_id, order_id, 1, 0, TRUE,
    greatest(placed_at_day + $lag, known_from, cancelled_at_day),
    least(placed_at_day + $lag + $window, known_to)
FROM $told
WHERE fulfilment IS DISTINCT FROM 'platform' AND caused_by IS NULL AND cancelled_by = 'seller' AND cancelled_at IS NOT NULL
    AND (shipped_at IS NULL OR cancelled_at < shipped_at)
