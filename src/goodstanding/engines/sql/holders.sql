-- Who an account was known to be on [from_day, to_day), and since when it was open. A seller not (yet) in the account table
-- is taken from the first of its orders that was known.
WITH listed AS (
    SELECT account_id, holder_kind, marketplace, opened_at_day AS opened_day, known_from AS from_day, known_to AS to_day
    FROM facts.accounts
    WHERE known_from < known_to
),
known AS (
    SELECT account_id, min(from_day) AS from_day FROM listed GROUP BY account_id
),
unlisted AS (  -- orders known once the account was listed say nothing here; where all are, as is usual, nothing is left to group
    SELECT o.account_id, 'seller' AS holder_kind, arg_min(coalesce(o.marketplace, ''), (o.known_from, o.order_id)) AS marketplace,
        min(greatest(o.placed_at_day, o.known_from)) AS opened_day, min(o.known_from) AS from_day,
        coalesce(any_value(k.from_day), DATE '9999-12-31') AS to_day
    FROM $orders o LEFT JOIN known k ON k.account_id = o.account_id
    WHERE k.from_day IS NULL OR o.known_from < k.from_day
    GROUP BY o.account_id
)
SELECT account_id, holder_kind, marketplace, opened_day, from_day, to_day FROM listed
UNION ALL
SELECT account_id, holder_kind, marketplace, opened_day, from_day, to_day FROM unlisted WHERE from_day < to_day
