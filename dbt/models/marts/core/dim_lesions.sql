with

lesions as (
    select * from {{ ref('int_lesions__grouped') }}
),

lesion_groups as (
    select * from {{ ref('int_lesion_groups__split') }}
),

keyed as (
    select
        {{ surrogate_key('lesions.lesion_id') }} as lesion_key,
        lesions.lesion_id,
        lesions.lesion_group_id,
        lesion_groups.split,
        lesion_groups.split_bucket,
        lesions.image_count
    from lesions
    inner join lesion_groups on lesions.lesion_group_id = lesion_groups.lesion_group_id
    where lesions.image_count > 0
)

select * from keyed
