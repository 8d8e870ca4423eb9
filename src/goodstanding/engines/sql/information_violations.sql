-- Account information known to be incomplete, from the version that said so until one that says it is complete.
SELECT t.account_id, r.code AS reason, 'information' AS origin, t.from_day AS opened,
    t.from_day, coalesce(t.to_day, DATE '9999-12-31') AS to_day, t.from_day AS known_from,
    'accounts' AS subject_kind, [t.account_id] AS subject_ids, r.points, r.critical
FROM (
    SELECT account_id, holder_kind, information_complete, known_from AS from_day,
        lead(known_from) OVER (PARTITION BY account_id ORDER BY known_from) AS to_day
    FROM (
        SELECT account_id, holder_kind, information_complete, known_from,
            lag(information_complete) OVER (PARTITION BY account_id ORDER BY known_from) AS before
        FROM facts.accounts
        WHERE caused_by IS NULL AND information_complete IS NOT NULL AND known_from < known_to
    ) said
    WHERE before IS NULL OR before <> information_complete
) t
JOIN sums.reasons r ON r.found_by = 'information' AND r.holder_kind = t.holder_kind
WHERE NOT t.information_complete
