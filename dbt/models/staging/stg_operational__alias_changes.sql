with

live as (
    {{ live_rows("alias_change") }}
),

renamed as (
    select
        change_id,
        name as alias_name,
        model_id,
        previous_model_id,
        changed_at,
        changed_by,
        reason,
        updated_at
    from live
)

select * from renamed
