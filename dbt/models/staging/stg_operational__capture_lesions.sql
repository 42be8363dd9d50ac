with

live as (
    {{ live_rows("capture_lesion") }}
),

renamed as (
    select
        capture_id,
        lesion_id,
        stated_by,
        role as role_code,
        stated_at,
        updated_at
    from live
)

select * from renamed
