with

images as (
    select * from {{ ref('int_images__learnable') }}
),

splits as (
    select * from {{ ref('int_images__balanced') }}
),

-- Neither dx_type nor dataset: a model would read the diagnosis from how it was confirmed.
usable as (
    select
        images.image_id,
        splits.lesion_group_id,
        images.diagnosis_code,
        splits.split,
        splits.is_balanced,
        images.age_years,
        images.sex_code,
        images.localization_code,
        images.uri,
        images.sha256
    from images
    inner join splits on images.image_id = splits.image_id
),

class_weights as (
    {{ class_weights('usable') }}
),

weighted as (
    select
        usable.image_id,
        usable.lesion_group_id,
        usable.diagnosis_code,
        usable.split,
        usable.is_balanced,
        usable.age_years,
        usable.sex_code,
        usable.localization_code,
        usable.uri,
        usable.sha256,
        class_weights.weight
    from usable
    inner join class_weights
        on
            usable.split = class_weights.split
            and usable.diagnosis_code = class_weights.diagnosis_code
)

select * from weighted
