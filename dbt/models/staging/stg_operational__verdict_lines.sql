with

live as (
    {{ live_rows("verdict_line") }}
),

renamed as (
    select
        look_id,
        name as line_name,
        place,
        challenger,
        champion,
        difference,
        low,
        high,
        bound,
        n as image_count,
        is_passed,
        is_decisive,
        word,
        updated_at
    from live
)

select * from renamed
