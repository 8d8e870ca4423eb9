-- Orders of which several versions are known, with the day the first was.
SELECT order_id, account_id, min(known_from) AS first_known
FROM facts.orders
WHERE (order_id, account_id) IN (SELECT (order_id, account_id) FROM facts.orders WHERE known_to < DATE '9999-12-31')
GROUP BY order_id, account_id
