with

live as (
    {{ live_rows("confusion") }}
),

renamed as (
    select
        model_id,
        dataset as dataset_name,
        split,
        dx as diagnosis_code,
        predicted_dx as predicted_diagnosis_code,
        n as image_count,
        updated_at
    from live
)

select * from renamed
