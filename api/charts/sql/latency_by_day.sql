select
    date_day,
    answer_count,
    latency_p50_ms,
    latency_p95_ms,
    latency_p99_ms
from use_by_day
where answer_count > 0
order by date_day
