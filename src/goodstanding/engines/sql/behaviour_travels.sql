-- Sign-ins (account_id, id, at, known, country, device) of the accounts that ever changed the country faster than a flight round the earth lasts.
WITH abroad AS (
    SELECT account_id, sign_in_id, visits.at AS moment, known, country, device_id FROM visits
    WHERE succeeded AND country IS NOT NULL AND known <= $$last
),
steps AS (
    SELECT account_id, country, moment,
        lag(country) OVER w AS came_from, lag(moment) OVER w AS left_at
    FROM abroad WINDOW w AS (PARTITION BY account_id ORDER BY moment, sign_in_id)
),
hasty AS (SELECT DISTINCT account_id FROM steps WHERE came_from <> country AND moment - left_at <= $$longest)
SELECT account_id, sign_in_id, moment, known, country, device_id FROM abroad SEMI JOIN hasty USING (account_id)
ORDER BY account_id, moment, sign_in_id
