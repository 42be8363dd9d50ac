with

live as (
    {{ live_rows("rejected_row") }}
),

renamed as (
    select
        load_id,
        line as line_number,
        "row" as row_text,
        reasons,
        updated_at
    from live
)

select * from renamed
