-- The buyer's orders by placed day; against: named in a complaint about the buyer, until it is resolved. Overlapping complaints are cut apart.
WITH spells AS (
    SELECT account_id, order_id, greatest(at_day, known_from) AS from_day, least(resolved_at_day, known_to) AS to_day
    FROM facts.complaints
    WHERE caused_by IS NULL AND order_id IS NOT NULL
),
apart AS (
    SELECT account_id, order_id, to_day, greatest(from_day, max(to_day) OVER (
        PARTITION BY account_id, order_id ORDER BY from_day, to_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS from_day
    FROM spells
    WHERE from_day < to_day
)
SELECT buyer_id AS account_id, order_id AS subject_id, 0 AS numerator, 1 AS denominator, FALSE AS against,
    greatest(placed_at_day + $lag, known_from) AS from_day,
    least(placed_at_day + $lag + $window, known_to) AS to_day
FROM $base
WHERE buyer_id IS NOT NULL
UNION ALL
SELECT o.buyer_id, o.order_id, 1, 0, TRUE,
    greatest(o.placed_at_day + $lag, o.known_from, a.from_day),
    least(o.placed_at_day + $lag + $window, o.known_to, a.to_day)
FROM $told o JOIN apart a ON a.account_id = o.buyer_id AND a.order_id = o.order_id
WHERE o.caused_by IS NULL
