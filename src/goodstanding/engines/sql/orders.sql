-- Orders with the days on which each version was known. A version that does not say when it was recorded is known from the first thing
-- that happened to the order, if no other version was known before it: real data holds orders that were shipped before they were placed.
SELECT o.* EXCLUDE (known_from),
    CASE WHEN o.recorded_at IS NULL AND (c.first_known IS NULL OR c.first_known = o.known_from)
        THEN least(o.known_from, o.shipped_at_day, o.delivered_at_day, o.cancelled_at_day) ELSE o.known_from END AS known_from
FROM facts.orders o LEFT JOIN sums.corrected c ON c.order_id = o.order_id AND c.account_id = o.account_id
WHERE o.known_from < o.known_to
