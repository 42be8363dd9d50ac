select
    date_day,
    quantity,
    psi,
    psi_by_chance,
    drift_level,
    window_count,
    reference_count
from drift_by_day
where
    psi is not null
    and (model_id = 'all' or {filters})
order by date_day, quantity
