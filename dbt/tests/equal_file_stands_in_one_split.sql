-- The same file under two names is the same lesion, whatever its row says.
with

assignments as (
    {{ split_assignments() }}
)

select
    sha256,
    count(distinct split) as split_count
from assignments
where sha256 is not null
group by sha256
having count(distinct split) > 1
