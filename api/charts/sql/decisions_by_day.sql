select
    date_day,
    likely_count,
    uncertain_count,
    not_assessable_count
from use_by_day
where answer_count > 0
order by date_day
