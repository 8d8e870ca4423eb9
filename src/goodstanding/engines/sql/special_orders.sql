-- The orders that daily counts alone do not tell: those that count from another day than their own or for another time than the window
-- ($odd; `is_odd`), and those that speak against somebody: cancelled, late, missed, or named by a defect, a return or a complaint.
-- Deliberately few columns: this is the one table of orders that is kept.
SELECT order_id, account_id, buyer_id, placed_at_day, ship_by, ship_by_day, shipped_at, shipped_at_day, deliver_by, deliver_by_day,
    delivered_at_day, cancelled_at, cancelled_at_day, cancelled_by, fulfilment, tracking_valid, caused_by, known_from, known_to,
    coalesce($odd, TRUE) AS is_odd
FROM sums.orders
WHERE coalesce($odd, TRUE)
    OR cancelled_at IS NOT NULL
    OR ($late AND shipped_at > ship_by)
    OR ($overdue AND ship_by_day < $tomorrow AND (shipped_at IS NULL OR shipped_at_day > ship_by_day))
    OR ($tracking AND shipped_at IS NOT NULL AND tracking_valid IS NOT TRUE AND fulfilment IS DISTINCT FROM 'platform')
    OR ($due AND deliver_by_day < $tomorrow AND (delivered_at IS NULL OR delivered_at_day > deliver_by_day) AND fulfilment IS DISTINCT FROM 'platform')
    OR order_id IN (SELECT order_id FROM sums.named_orders)
