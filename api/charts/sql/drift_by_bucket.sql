select
    quantity,
    bucket,
    -- As counted. Those of the mart have half a case more in each bucket, for the logarithm.
    reference_count / sum(reference_count) over () as reference_share,
    window_count / nullif(sum(window_count) over (), 0) as window_share,
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
