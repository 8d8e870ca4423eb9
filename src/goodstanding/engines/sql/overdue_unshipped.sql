-- A count: orders past or at their ship_by day, from that day until shipped, cancelled or out of the window.
SELECT account_id, order_id AS subject_id, 1 AS numerator, 0 AS denominator, TRUE AS against,
    greatest(ship_by_day + $lag, known_from) AS from_day,
    least(ship_by_day + $lag + $window, known_to, shipped_at_day, cancelled_at_day) AS to_day
FROM $told
WHERE ship_by IS NOT NULL AND caused_by IS NULL
