select
    dataset_name,
    model_id,
    created_at,
    metric,
    value,
    low,
    high,
    image_count,
    is_champion
from model_performance
where
    split = 'validation'
    and diagnosis_code = {diagnosis}
    and metric in ('balanced_accuracy', 'macro_auc', 'missed_malignancy', 'recall', 'auc')
    and {judged_on}
order by created_at, model_id, metric
