select 'captures' as figure, cast(coalesce(sum(capture_count), 0) as bigint) as value,
    null as of_all
from use_by_day
union all
select 'kept_captures', cast(coalesce(sum(kept_count), 0) as bigint),
    cast(coalesce(sum(capture_count), 0) as bigint)
from use_by_day
union all
select 'reviewed_captures', cast(coalesce(sum(reviewed_count), 0) as bigint),
    cast(coalesce(sum(capture_count), 0) as bigint)
from use_by_day
union all
select 'answers', cast(coalesce(sum(answer_count), 0) as bigint), null from use_by_day
