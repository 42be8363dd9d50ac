with

captures as (
    select * from {{ ref('int_captures__identified') }}
),

lesions as (
    select * from {{ ref('int_lesions__labelled') }}
),

lesions_grouped as (
    select * from {{ ref('int_lesions__grouped') }}
),

splits as (
    select * from {{ ref('int_lesion_groups__split') }}
),

images as (
    select * from {{ ref('ml_images') }}
),

labelled as (
    select
        captures.capture_id,
        captures.image_id,
        captures.lesion_id,
        lesions_grouped.lesion_group_id,
        splits.split,
        lesions.diagnosis_code,
        lesions.confirmation_code,
        lesions.labelled_at,
        lesions.reviewer_count,
        lesions.is_conflict,
        images.image_id is not null as is_learnable
    from captures
    inner join lesions on captures.lesion_id = lesions.lesion_id
    inner join lesions_grouped on captures.lesion_id = lesions_grouped.lesion_id
    inner join splits on lesions_grouped.lesion_group_id = splits.lesion_group_id
    left join images on captures.image_id = images.image_id
    where lesions.reviewer_count > 0
)

select * from labelled
