-- The last six loads that were measured, each judged by the thresholds of today.
with ranked as (
    select
        *,
        dense_rank() over (order by started_at desc, load_id) as recency
    from data_quality_results
)

select
    quality_check_code,
    category,
    severity,
    started_at,
    status,
    found_share,
    threshold_share,
    checked_count,
    example
from ranked
where recency <= 6
order by category, quality_check_code, started_at
