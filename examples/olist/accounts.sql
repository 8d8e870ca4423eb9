-- One account for each seller, opened on the day of its first order: Olist records no date of registration.
-- Names and addresses are made up from the seller's number; `.invalid` can never receive mail.
WITH first_orders AS (
    SELECT items.seller_id, min(orders.order_purchase_timestamp) AS first_order
    FROM source.order_items AS items
    JOIN source.orders AS orders USING (order_id)
    GROUP BY items.seller_id
)
SELECT
    first_orders.seller_id AS account_id,
    'seller' AS holder_kind,
    'BR' AS marketplace,
    'professional' AS plan,
    CAST(CAST(first_orders.first_order AS DATE) AS TIMESTAMP) AS opened_at,
    'en' AS language,
    'BR' AS country,
    'Seller ' || left(first_orders.seller_id, 8) AS display_name,
    first_orders.seller_id || '@sellers.invalid' AS email,
    sellers.seller_city,
    sellers.seller_state
FROM first_orders
JOIN source.sellers AS sellers USING (seller_id)
ORDER BY account_id
