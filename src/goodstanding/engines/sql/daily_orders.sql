-- One row an order that is not odd: the rows of its seller and buyer in the planes of daily counts, the days (from $base; -1: none that counts)
-- on which it was placed, shipped and due, and as bits: 1 merchant-fulfilled, 2 late, 4 late to the second, 8 without valid tracking, 16 not on time,
-- 32 known before the seller was listed.
SELECT coalesce(s.seller_row, -1)::INTEGER AS seller, coalesce(b.buyer_row, -1)::INTEGER AS buyer,
    CASE WHEN placed_at_day < $tomorrow THEN placed_at_day - $base ELSE -1 END::SMALLINT AS placed,
    CASE WHEN shipped_at_day < $tomorrow THEN shipped_at_day - $base ELSE -1 END::SMALLINT AS shipped,
    CASE WHEN deliver_by_day < $tomorrow AND cancelled_at IS NULL AND fulfilment IS DISTINCT FROM 'platform'
        THEN deliver_by_day - $base ELSE -1 END::SMALLINT AS due,
    ((fulfilment IS DISTINCT FROM 'platform')::TINYINT + 2 * coalesce(shipped_at_day > ship_by_day, FALSE)::TINYINT
        + 4 * coalesce(shipped_at > ship_by, FALSE)::TINYINT + 8 * (tracking_valid IS NOT TRUE)::TINYINT
        + 16 * coalesce(delivered_at_day > deliver_by_day, TRUE)::TINYINT
        + 32 * coalesce(o.known_from < s.listed_from, TRUE)::TINYINT)::TINYINT AS bits
FROM sums.orders o LEFT JOIN sums.accounts s ON s.account_id = o.account_id LEFT JOIN sums.accounts b ON b.account_id = o.buyer_id
WHERE NOT coalesce($odd, TRUE)
