select
    date_day,
    capture_count,
    p10,
    p50,
    p90
from capture_quality_by_day
where quantity = case {quantity} when 'age_band' then 'age_years' else {quantity} end
order by date_day
