with

measurements as (
    select * from {{ ref('stg_operational__quality_measurements') }}
),

described as (
    select
        load_id,
        quality_check_code,
        checked_count,
        found_share,
        example
    from measurements
)

select * from described
