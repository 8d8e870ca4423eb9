-- The self-audit list over facts that stand still at the end of $as_of: account, code, the day it is about, how many items, the first of them.
WITH waiting AS (
    SELECT account_id, order_id, ship_by, ship_by_day
    FROM sums.orders
    WHERE known_to = DATE '9999-12-31' AND caused_by IS NULL AND shipped_at IS NULL AND cancelled_at IS NULL
        AND ship_by_day <= DATE $as_of + 1
),
struck AS (
    SELECT o.account_id, o.product_id, count(*) AS many
    FROM sums.orders o SEMI JOIN (
        SELECT account_id, order_id FROM facts.defects
        WHERE known_to = DATE '9999-12-31' AND caused_by IS NULL AND withdrawn_at IS NULL AND at_day <= DATE $as_of AND kind IN ($kinds)
    ) d USING (account_id, order_id)
    WHERE o.known_to = DATE '9999-12-31' AND o.caused_by IS NULL AND o.product_id IS NOT NULL
        AND o.placed_at_day BETWEEN DATE $as_of - $lag - $window + 1 AND DATE $as_of - $lag
    GROUP BY o.account_id, o.product_id
    HAVING count(*) >= $several
),
told AS (
    SELECT account_id, arg_max(information_complete, known_from) AS is_complete
    FROM facts.accounts
    WHERE caused_by IS NULL AND information_complete IS NOT NULL
    GROUP BY account_id
),
items AS (
    SELECT account_id, CASE WHEN ship_by_day <= DATE $as_of THEN 'overdue_orders' ELSE 'orders_due' END AS code,
        CASE WHEN ship_by_day <= DATE $as_of THEN DATE $as_of ELSE DATE $as_of + 1 END AS day, order_id AS id,
        epoch_us(ship_by) AS urgency
    FROM waiting
    UNION ALL
    SELECT account_id, 'unanswered_messages', DATE $as_of, message_id, epoch_us(messages.at)
    FROM facts.messages
    WHERE known_to = DATE '9999-12-31' AND direction = 'from_buyer' AND caused_by IS NULL AND answered_at IS NULL
        AND at_day + $whole_days <= DATE $as_of
    UNION ALL
    SELECT account_id, 'information_incomplete', DATE $as_of, account_id, 0
    FROM told
    WHERE NOT is_complete
    UNION ALL
    SELECT account_id, 'open_complaints', DATE $as_of, complaint_id, epoch_us(complaints.at)
    FROM facts.complaints
    WHERE known_to = DATE '9999-12-31' AND caused_by IS NULL AND resolved_at IS NULL AND at_day <= DATE $as_of
    UNION ALL
    SELECT account_id, 'defective_products', DATE $as_of, product_id, -many
    FROM struck
)
SELECT account_id, code, day AS "on", count(*) AS "count", list(id ORDER BY urgency, id)[:$most] AS ids
FROM items
GROUP BY account_id, code, day
ORDER BY account_id, code
