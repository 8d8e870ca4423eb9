-- Orders that earn rating points: those shipped, by shipped day, whoever shipped them.
SELECT account_id, order_id AS subject_id, 1 AS numerator, 0 AS denominator, FALSE AS against,
    greatest(shipped_at_day + $lag, known_from) AS from_day,
    least(shipped_at_day + $lag + $window, known_to) AS to_day
FROM $base
WHERE shipped_at IS NOT NULL
