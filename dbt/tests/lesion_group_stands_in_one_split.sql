-- A lesion seen in training and met again in validation makes the figures lie.
with

assignments as (
    {{ split_assignments() }}
)

select
    lesion_group_id,
    count(distinct split) as split_count
from assignments
group by lesion_group_id
having count(distinct split) > 1
