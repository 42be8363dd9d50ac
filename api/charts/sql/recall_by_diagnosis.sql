select
    dataset_name,
    diagnosis_code,
    metric,
    value,
    low,
    high,
    image_count
from model_performance
where
    split = 'validation'
    and metric in ('recall', 'auc')
    and diagnosis_code <> 'all'
    and {filters}
    and {judged_on}
order by diagnosis_code, metric
