with

image_origins as (
    select * from {{ ref('stg_operational__image_origins') }}
),

described as (
    select
        origin_code,
        source_image_id,
        image_id,
        lesion_id,
        diagnosis_code,
        confirmation_code,
        age_years,
        sex_code,
        localization_code,
        source_code,
        file_status,
        uri,
        sha256,
        load_id
    from image_origins
)

select * from described
