with

live as (
    {{ live_rows("reliability_bin") }}
),

renamed as (
    select
        model_id,
        dataset as dataset_name,
        split,
        bin as bin_number,
        low as confidence_from,
        high as confidence_below,
        n as image_count,
        mean_confidence,
        accuracy,
        updated_at
    from live
)

select * from renamed
