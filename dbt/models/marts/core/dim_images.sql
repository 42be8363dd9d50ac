with

images as (
    select * from {{ ref('int_images__labelled') }}
),

splits as (
    select * from {{ ref('int_images__balanced') }}
),

described as (
    select
        images.image_id,
        {{ surrogate_key('images.lesion_id') }} as lesion_key,
        splits.lesion_group_id,
        splits.split,
        splits.is_balanced,
        images.file_status,
        images.uri,
        images.sha256,
        images.size_bytes,
        images.width_px,
        images.height_px,
        images.phash
    from images
    inner join splits on images.image_id = splits.image_id
)

select * from described
