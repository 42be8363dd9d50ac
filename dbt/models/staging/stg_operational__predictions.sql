with

live as (
    {{ live_rows("prediction") }}
),

renamed as (
    select
        prediction_id,
        capture_id,
        model_id,
        predicted_at,
        dx as diagnosis_code,
        decision,
        p_akiec,
        p_bcc,
        p_bkl,
        p_df,
        p_mel,
        p_nv,
        p_vasc,
        latency_ms,
        is_shadow,
        updated_at
    from live
)

select * from renamed
