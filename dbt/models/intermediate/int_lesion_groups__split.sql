with

lesions as (
    select * from {{ ref('int_lesions__grouped') }}
),

images as (
    select * from {{ ref('int_images__labelled') }}
),

captures as (
    select * from {{ ref('int_captures__identified') }}
),

held_out_images as (
    select * from {{ ref('stg_operational__held_out_images') }}
),

-- A loaded image is placed by its lesion, a capture by its person where one is named: else the many
-- captures of one person would, by the rule below, hardly ever be lessons.
placed as (
    select
        lesion_id,
        lesion_id as split_text
    from images
    where source_code <> 'camera'
    union
    select
        lesion_id,
        coalesce('subject-' || subject_id, lesion_id) as split_text
    from captures
),

hashed as (
    select
        lesions.lesion_group_id,
        {{ hash_bucket(var('split_salt'), 'placed.split_text') }} as split_bucket,
        {{ hash_bucket(var('balance_salt'), 'placed.split_text') }} as balance_bucket
    from placed
    inner join lesions on placed.lesion_id = lesions.lesion_id
),

-- What was once published as tune or validation stays so, whoever withdraws or is renamed.
remembered as (
    select
        lesions.lesion_group_id,
        held_out_images.split_bucket,
        0 as balance_bucket
    from held_out_images
    inner join images on held_out_images.image_id = images.image_id
    inner join lesions on images.lesion_id = lesions.lesion_id
),

buckets as (
    select * from hashed
    union all
    select * from remembered
),

-- The largest bucket decides: groups later found to be one can only move away from training.
bucketed as (
    select
        lesion_group_id,
        max(split_bucket) as split_bucket,
        max(balance_bucket) as balance_bucket
    from buckets
    group by lesion_group_id
),

split as (
    select
        lesion_group_id,
        split_bucket,
        balance_bucket,
        case
            when split_bucket < 70 then 'train'
            when split_bucket < 80 then 'tune'
            else 'validation'
        end as split
    from bucketed
)

select * from split
