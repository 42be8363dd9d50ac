select
    dataset_name,
    subgroup_kind,
    subgroup,
    metric,
    value,
    low,
    high,
    image_count
from performance_by_subgroup
where
    split = 'validation'
    and metric in ('balanced_accuracy', 'melanoma_recall')
    and {filters}
    and {judged_on}
order by subgroup_kind, subgroup, metric
