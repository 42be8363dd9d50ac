with

live as (
    {{ live_rows("subgroup_evaluation") }}
),

renamed as (
    select
        model_id,
        dataset as dataset_name,
        split,
        subgroup_kind,
        subgroup,
        metric,
        value,
        low,
        high,
        n as image_count,
        updated_at
    from live
)

select * from renamed
