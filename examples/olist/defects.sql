-- One negative feedback for each (order, seller) pair whose order has a review of score 1 or 2.
-- It is known when the first of these reviews was answered; where the answer has no date, when the review was made.
-- Pairs whose negative reviews have no date at all were never known to anybody and give no row.
WITH negative AS (
    SELECT
        order_id,
        min(coalesce(review_answer_timestamp, review_creation_date)) AS known_at,
        min(review_score) AS score
    FROM source.order_reviews
    WHERE review_score <= 2
    GROUP BY order_id
),

parts AS (
    SELECT DISTINCT order_id, seller_id
    FROM source.order_items
)

SELECT
    parts.order_id || ':' || parts.seller_id AS defect_id,
    parts.order_id,
    parts.seller_id AS account_id,
    'negative_feedback' AS kind,
    negative.known_at AS at,
    'score ' || negative.score AS reason
FROM parts
JOIN negative USING (order_id)
WHERE negative.known_at IS NOT NULL
ORDER BY parts.order_id, parts.seller_id
