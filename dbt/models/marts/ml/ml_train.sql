{{ config(materialized="view") }}

with

images as (
    select * from {{ ref('ml_images') }}
),

balanced as (
    select * from images
    where split = 'train' and is_balanced
),

-- Fewer nevi than in ml_images, so other weights.
class_weights as (
    {{ class_weights('balanced') }}
),

weighted as (
    select
        balanced.image_id,
        balanced.lesion_group_id,
        balanced.diagnosis_code,
        balanced.split,
        balanced.is_balanced,
        balanced.age_years,
        balanced.sex_code,
        balanced.localization_code,
        balanced.uri,
        balanced.sha256,
        class_weights.weight
    from balanced
    inner join class_weights on balanced.diagnosis_code = class_weights.diagnosis_code
)

select * from weighted
