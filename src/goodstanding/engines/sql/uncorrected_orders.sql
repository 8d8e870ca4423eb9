-- The same as in orders.sql where no order has more than one version.
SELECT o.* EXCLUDE (known_from),
    CASE WHEN o.recorded_at IS NULL THEN least(o.known_from, o.shipped_at_day, o.delivered_at_day, o.cancelled_at_day) ELSE o.known_from END AS known_from
FROM facts.orders o
WHERE o.known_from < o.known_to
