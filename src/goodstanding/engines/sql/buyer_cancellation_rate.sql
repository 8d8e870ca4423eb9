-- The buyer's orders by placed day; against: cancelled by the buyer.
SELECT buyer_id AS account_id, order_id AS subject_id, 0 AS numerator, 1 AS denominator, FALSE AS against,
    greatest(placed_at_day + $lag, known_from) AS from_day,
    least(placed_at_day + $lag + $window, known_to) AS to_day
FROM $base
WHERE buyer_id IS NOT NULL
UNION ALL
SELECT buyer_id, order_id, 1, 0, TRUE,
    greatest(placed_at_day + $lag, known_from, cancelled_at_day),
    least(placed_at_day + $lag + $window, known_to)
FROM $told
WHERE buyer_id IS NOT NULL AND caused_by IS NULL AND cancelled_by = 'buyer' AND cancelled_at IS NOT NULL
