with

live as (
    {{ live_rows("evaluation") }}
),

renamed as (
    select
        model_id,
        dataset as dataset_name,
        split,
        diagnosis as diagnosis_code,
        metric,
        value,
        low,
        high,
        n as image_count,
        updated_at
    from live
)

select * from renamed
