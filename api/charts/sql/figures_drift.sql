-- Of each quantity the latest day that could be told of.
with latest as (
    select
        quantity,
        drift_level,
        row_number() over (partition by quantity order by date_day desc) as recency
    from drift_by_day
    where
        psi is not null
        and (model_id = 'all' or {filters})
)

select 'quantities' as figure, count(*) as value, null as of_all from latest where recency = 1
union all
select 'moved_much', count(case when drift_level = 'large' then 1 end), count(*)
from latest where recency = 1
union all
select 'moved_some', count(case when drift_level in ('moderate', 'large') then 1 end), count(*)
from latest where recency = 1
