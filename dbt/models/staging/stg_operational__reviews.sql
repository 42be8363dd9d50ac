with

live as (
    {{ live_rows("review") }}
),

renamed as (
    select
        review_id,
        capture_id,
        reviewed_at,
        reviewer,
        dx as diagnosis_code,
        dx_type as confirmation_code,
        role as role_code,
        updated_at
    from live
)

select * from renamed
