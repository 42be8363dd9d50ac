with

images as (
    select * from {{ ref('int_images__balanced') }}
),

image_files as (
    select * from {{ ref('stg_operational__image_files') }}
),

described as (
    select
        images.image_id,
        {{ surrogate_key('images.lesion_id') }} as lesion_key,
        images.lesion_group_id,
        images.split,
        images.is_balanced,
        coalesce(image_files.file_status, 'missing') as file_status,
        image_files.uri,
        image_files.sha256,
        image_files.size_bytes,
        image_files.width_px,
        image_files.height_px,
        image_files.phash
    from images
    left join image_files on images.image_id = image_files.image_id
)

select * from described
