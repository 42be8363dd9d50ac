with

live as (
    {{ live_rows("alias") }}
),

renamed as (
    select
        name as alias_name,
        model_id,
        updated_at
    from live
)

select * from renamed
