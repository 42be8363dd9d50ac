select
    source_code,
    column_name,
    missing_count,
    image_count,
    missing_share
from missing_values_by_source
order by source_code, column_name
