{{ config(
    materialized="incremental",
    unique_key="prediction_id",
    on_schema_change="fail",
    post_hook="{{ forget_dead_rows('prediction') }}",
) }}

with

predictions as (
    select * from {{ ref('stg_operational__predictions') }}
),

captures as (
    select * from {{ ref('stg_operational__captures') }}
),

{% if is_incremental() %}
-- The two tables are copied at different moments, so each has its own watermark.
watermarks as (
    select
        max(updated_at) - {{ watermark_overlap() }} as prediction_watermark,
        max(capture_updated_at) - {{ watermark_overlap() }} as capture_watermark
    from {{ this }}
),

changed_captures as (
    select captures.capture_id
    from captures
    cross join watermarks
    where
        watermarks.capture_watermark is null
        or captures.updated_at > watermarks.capture_watermark
),

changed_predictions as (
    select predictions.*
    from predictions
    cross join watermarks
    where
        watermarks.prediction_watermark is null
        or predictions.updated_at > watermarks.prediction_watermark
        or predictions.capture_id in (select changed_captures.capture_id from changed_captures)
),
{% else %}
changed_predictions as (
    select * from predictions
),
{% endif %}

described as (
    select
        changed_predictions.*,
        captures.has_consent,
        captures.sha256,
        captures.localization_code,
        captures.sex_code,
        captures.age_band,
        captures.updated_at as capture_updated_at
    from changed_predictions
    inner join captures on changed_predictions.capture_id = captures.capture_id
),

keyed as (
    select
        prediction_id,
        capture_id,
        {{ surrogate_key('model_id') }} as model_key,
        {{ date_key('predicted_at') }} as date_key,
        predicted_at,
        {{ surrogate_key('diagnosis_code') }} as diagnosis_key,
        {{ surrogate_key('localization_code') }} as localization_key,
        {{ surrogate_key(['sex_code', 'age_band']) }} as patient_group_key,
        decision,
        case diagnosis_code
            {%- for diagnosis in var('closed_lists')['diagnoses'] %}
            when '{{ diagnosis }}' then p_{{ diagnosis }}
            {%- endfor %}
        end as confidence,
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
        sha256,
        updated_at,
        capture_updated_at
    from described
)

select * from keyed
