with

live as (
    {{ live_rows("capture") }}
),

renamed as (
    select
        capture_id,
        captured_at,
        sha256,
        bytes as size_bytes,
        width as width_px,
        height as height_px,
        brightness,
        sharpness,
        lesion_share,
        has_consent,
        uri,
        age_years,
        {{ age_band("age_years") }} as age_band,
        sex as sex_code,
        localization as localization_code,
        subject as subject_id,
        updated_at
    from live
)

select * from renamed
