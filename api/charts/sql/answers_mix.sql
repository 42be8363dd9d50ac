select
    date_trunc('week', date_day) as week_start_day,
    bucket as diagnosis_code,
    cast(sum(row_count) as bigint) as answer_count
from mix_by_day
where
    quantity = 'diagnosis'
    and {filters}
group by all
order by week_start_day, diagnosis_code
