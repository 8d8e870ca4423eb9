-- Complaints, version by version: on [from_day, to_day) the complaint was known, not resolved, and of this reason and day.
SELECT c.account_id, c.reason, c.complaint_id AS origin, c.at_day AS opened,
    greatest(c.at_day, c.known_from) AS from_day, least(c.resolved_at_day, c.known_to) AS to_day, c.known_from,
    'complaints' AS subject_kind, [c.complaint_id] AS subject_ids, r.points, r.critical
FROM facts.complaints c JOIN sums.reasons r ON r.code = c.reason AND r.found_by = 'complaint'
WHERE c.caused_by IS NULL AND c.known_from < c.known_to
