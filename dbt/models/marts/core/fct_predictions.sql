{{ config(materialized="view") }}

with

predictions as (
    select * from {{ ref('int_predictions__keyed') }}
),

-- Everything but the stamps by which the table below is kept up to date.
described as (
    select
        prediction_id,
        capture_id,
        model_key,
        date_key,
        predicted_at,
        diagnosis_key,
        localization_key,
        patient_group_key,
        decision,
        confidence,
        p_akiec,
        p_bcc,
        p_bkl,
        p_df,
        p_mel,
        p_nv,
        p_vasc,
        latency_ms,
        is_shadow,
        has_consent,
        sha256
    from predictions
)

select * from described
