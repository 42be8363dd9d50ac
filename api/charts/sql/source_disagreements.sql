select
    column_name,
    origin_code,
    count(*) as differing_count
from source_disagreements
group by column_name, origin_code
order by column_name, origin_code
