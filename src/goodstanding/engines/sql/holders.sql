-- Who an account was known to be on [from_day, to_day), and since when it was open. A seller not (yet) in the account table
-- is taken from the first of its orders that was known.
WITH listed AS (
    SELECT account_id, holder_kind, marketplace, opened_at_day AS opened_day, known_from AS from_day, known_to AS to_day
    FROM facts.accounts
    WHERE known_from < known_to
),
firsts AS (
    SELECT account_id, arg_min(coalesce(marketplace, ''), (known_from, order_id)) AS marketplace,
        min(greatest(placed_at_day, known_from)) AS opened_day, min(known_from) AS from_day
    FROM sums.orders
    GROUP BY account_id
),
unlisted AS (
    SELECT f.account_id, 'seller' AS holder_kind, f.marketplace, f.opened_day, f.from_day, coalesce(l.from_day, DATE '9999-12-31') AS to_day
    FROM firsts f LEFT JOIN (SELECT account_id, min(from_day) AS from_day FROM listed GROUP BY account_id) l USING (account_id)
)
SELECT account_id, holder_kind, marketplace, opened_day, from_day, to_day FROM listed
UNION ALL
SELECT account_id, holder_kind, marketplace, opened_day, from_day, to_day FROM unlisted WHERE from_day < to_day
