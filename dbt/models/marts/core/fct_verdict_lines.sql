with

verdict_lines as (
    select * from {{ ref('stg_operational__verdict_lines') }}
),

keyed as (
    select
        look_id,
        line_name,
        place,
        challenger,
        champion,
        difference,
        low,
        high,
        bound,
        image_count,
        is_passed,
        is_decisive,
        word
    from verdict_lines
)

select * from keyed
