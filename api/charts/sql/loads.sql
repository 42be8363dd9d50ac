select
    started_at,
    outcome,
    row_count,
    image_count,
    rejected_row_count,
    missing_file_count,
    changed_value_count
from data_quality_by_load
order by started_at desc
limit 30
