select
    quantity,
    bucket,
    reference_share,
    window_share,
    reference_count,
    window_count,
    date_day
from drift_by_bucket
where
    quantity = {quantity}
    and (model_id = 'all' or {filters})
    and date_day = (
        select max(date_day) from drift_by_bucket
        where quantity = {quantity} and (model_id = 'all' or {filters})
    )
order by try_cast(bucket as integer), bucket
