-- The published pairs are tested by themselves, without the groups that were made from them.
with

assignments as (
    {{ split_assignments() }}
),

aliases as (
    select * from {{ ref('lesion_aliases') }}
)

select
    aliases.image_id,
    one.split,
    aliases.other_image_id,
    other.split as other_split
from aliases
inner join assignments as one on aliases.image_id = one.image_id
inner join assignments as other on aliases.other_image_id = other.image_id
where one.split <> other.split
