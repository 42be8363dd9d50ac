-- title: What the camera was told, day by day
-- Answers of the last days by decision, the newest of them included, with the median time an answer
-- took; shadow answers of a challenger are left out.
select
    cast(fct_predictions_live.predicted_at as date) as day_utc,
    count(*) as answers,
    count(*) filter (where fct_predictions_live.decision = 'likely') as likely,
    count(*) filter (where fct_predictions_live.decision = 'uncertain') as uncertain,
    count(*) filter (where fct_predictions_live.decision = 'not_assessable') as not_assessable,
    round(avg(fct_predictions_live.confidence), 3) as mean_confidence,
    round(quantile_cont(fct_predictions_live.latency_ms, 0.5), 1) as median_latency_ms
from fct_predictions_live
where not fct_predictions_live.is_shadow
group by cast(fct_predictions_live.predicted_at as date)
order by day_utc desc
