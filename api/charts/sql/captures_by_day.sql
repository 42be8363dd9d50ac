select
    date_day,
    capture_count,
    kept_count,
    reviewed_count
from use_by_day
order by date_day
