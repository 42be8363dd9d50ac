with

live as (
    {{ live_rows("image") }}
),

renamed as (
    select
        image_id,
        lesion_id,
        dx as diagnosis_code,
        dx_type as confirmation_code,
        age_years,
        {{ age_band("age_years") }} as age_band,
        sex as sex_code,
        localization as localization_code,
        dataset as source_code,
        load_id,
        updated_at
    from live
)

select * from renamed
