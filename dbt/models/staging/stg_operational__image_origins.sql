with

live as (
    {{ live_rows("image_origin") }}
),

renamed as (
    select
        origin as origin_code,
        source_image_id,
        image_id,
        lesion_id,
        dx as diagnosis_code,
        dx_type as confirmation_code,
        age_years,
        sex as sex_code,
        localization as localization_code,
        dataset as source_code,
        status as file_status,
        uri,
        sha256,
        load_id,
        updated_at
    from live
)

select * from renamed
