-- Messages from buyers by day; against: not answered within $hours hours, counted once as many whole days ($whole_days) have gone by.
SELECT account_id, message_id AS subject_id, 0 AS numerator, 1 AS denominator, FALSE AS against,
    greatest(at_day + $lag, known_from) AS from_day,
    least(at_day + $lag + $window, known_to) AS to_day
FROM facts.messages
WHERE direction = 'from_buyer' AND caused_by IS NULL
UNION ALL
SELECT account_id, message_id, 1, 0, TRUE,
    greatest(at_day + $lag, known_from, at_day + $whole_days),
    least(at_day + $lag + $window, known_to)
FROM facts.messages
WHERE direction = 'from_buyer' AND caused_by IS NULL
    AND (answered_at IS NULL OR answered_at > messages.at + INTERVAL '$hours' HOUR)
