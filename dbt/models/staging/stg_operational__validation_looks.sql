with

live as (
    {{ live_rows("validation_look") }}
),

renamed as (
    select
        look_id,
        looked_at,
        looked_by,
        reason,
        model_id,
        other_model_id,
        warehouse_version,
        split,
        updated_at
    from live
)

select * from renamed
