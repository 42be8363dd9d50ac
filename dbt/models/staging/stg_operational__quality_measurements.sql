with

live as (
    {{ live_rows("quality_measurement") }}
),

renamed as (
    select
        load_id,
        quality_check as quality_check_code,
        n as checked_count,
        share as found_share,
        example,
        updated_at
    from live
)

select * from renamed
