select
    model_id,
    week_start_day,
    reviewed_count,
    agreement_count,
    agreement_share,
    agreement_share_low,
    agreement_share_high,
    validation_accuracy
from performance_against_reviews
where {filters}
order by week_start_day, model_id
