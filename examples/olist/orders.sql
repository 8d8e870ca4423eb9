-- One fact row for each (order, seller) pair of order_items: the seller's part of the order.
-- An order of two sellers gives two rows that share status, carrier date and delivery date, as Olist records them only once an order.
-- The 775 orders without an item name no seller and give no row.
WITH parts AS (
    SELECT
        order_id,
        seller_id,
        min(shipping_limit_date) AS ship_by,
        arg_min(product_id, order_item_id) AS product_id,
        sum(price) AS amount,
        count(*) AS units
    FROM source.order_items
    GROUP BY order_id, seller_id
)
SELECT
    parts.order_id,
    parts.seller_id AS account_id,
    customers.customer_unique_id AS buyer_id,
    'BR' AS marketplace,
    orders.order_purchase_timestamp AS placed_at,
    parts.ship_by,
    orders.order_delivered_carrier_date AS shipped_at,
    -- An order that is 'unavailable' is no cancellation, but nobody waits for it either: it has no promised day.
    CASE WHEN orders.order_status <> 'unavailable' THEN orders.order_estimated_delivery_date END AS deliver_by,
    orders.order_delivered_customer_date AS delivered_at,
    -- Olist records neither when nor by whom an order was cancelled: taken as by the seller, at the moment it was placed.
    CASE WHEN orders.order_status = 'canceled' THEN orders.order_purchase_timestamp END AS cancelled_at,
    CASE WHEN orders.order_status = 'canceled' THEN 'seller' END AS cancelled_by,
    'merchant' AS fulfilment,
    parts.product_id,
    CAST(parts.amount AS DOUBLE) AS amount,
    'BRL' AS currency,
    parts.units,
    -- Extra columns: where a diagnosis may look for a cause.
    orders.order_status,
    products.product_category_name_english AS category,
    sellers.seller_state,
    customers.customer_state
FROM parts
JOIN source.orders AS orders USING (order_id)
LEFT JOIN source.customers AS customers USING (customer_id)
LEFT JOIN source.sellers AS sellers ON sellers.seller_id = parts.seller_id
LEFT JOIN source.products AS products ON products.product_id = parts.product_id
ORDER BY parts.order_id, parts.seller_id
