with

rejected_rows as (
    select * from {{ ref('stg_operational__rejected_rows') }}
),

described as (
    select
        load_id,
        line_number,
        row_text,
        reasons
    from rejected_rows
)

select * from described
