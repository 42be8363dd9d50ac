with

images as (
    select * from {{ ref('int_images__labelled') }}
),

lesions as (
    select * from {{ ref('int_lesions__grouped') }}
),

lesion_groups as (
    select * from {{ ref('int_lesion_groups__split') }}
),

-- Two thirds of all images are nevi: 40 % of those are kept, of every other diagnosis all.
balanced as (
    select
        images.image_id,
        images.lesion_id,
        lesions.lesion_group_id,
        lesion_groups.split,
        images.diagnosis_code <> 'nv' or lesion_groups.balance_bucket < 40 as is_balanced
    from images
    inner join lesions on images.lesion_id = lesions.lesion_id
    inner join lesion_groups on lesions.lesion_group_id = lesion_groups.lesion_group_id
)

select * from balanced
