with

images as (
    select * from {{ ref('labelled_images') }}
),

lesions as (
    select
        lesion_id,
        count(*) as images_of_lesion,
        max(case when is_malignant then 1 else 0 end) as malignant
    from images
    group by lesion_id
),

counted as (
    select
        cast(images_of_lesion as integer) as images_of_lesion,
        count(*) as lesion_count,
        cast(sum(malignant) as bigint) as malignant_lesion_count
    from lesions
    group by images_of_lesion
)

select * from counted
