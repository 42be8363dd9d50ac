select
    subgroup_kind,
    subgroup,
    value,
    low,
    high,
    image_count
from performance_by_subgroup
where
    split = 'validation'
    and metric = 'balanced_accuracy'
    and {filters}
order by subgroup_kind, subgroup
