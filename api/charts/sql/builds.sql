select
    started_at,
    outcome,
    duration_seconds,
    version,
    test_count,
    failed_count
from fct_warehouse_builds
where duration_seconds is not null
order by started_at desc
limit 200
