{#
    Bands are fixed and do not follow the data, so that a day never changes another one's bands.
    Sharpness is a variance and has a long tail: its bands double. Where a frame could not be
    assessed, no diagnosis was shown.
#}
{% set inputs = {
    "localization": "localization_code",
    "sex": "sex_code",
    "age_band": "age_band",
    "brightness": "cast(cast(floor(brightness / 32) * 32 as integer) as text)",
    "sharpness": "cast(cast(floor(ln(greatest(sharpness, 1)) / ln(2)) as integer) as text)",
    "lesion_share": "case
            when lesion_share is null then 'unmeasured'
            else cast(cast(floor(least(lesion_share, 0.99) * 10) * 10 as integer) as text)
        end",
} %}
{% set outputs = {"diagnosis": "diagnosis_code", "decision": "decision"} %}

with

captures as (
    select * from {{ ref('stg_operational__captures') }}
),

predictions as (
    select * from {{ ref('fct_predictions') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

-- Counted before the joins: a day has few kinds of answers, however many there were.
answer_kinds as (
    select
        model_key,
        diagnosis_key,
        decision,
        cast(predicted_at as date) as date_day,
        count(*) as row_count
    from predictions
    where not is_shadow
    group by 1, 2, 3, 4
),

answers as (
    select
        models.model_id,
        diagnoses.diagnosis_code,
        answer_kinds.decision,
        answer_kinds.date_day,
        answer_kinds.row_count
    from answer_kinds
    inner join models on answer_kinds.model_key = models.model_key
    inner join diagnoses on answer_kinds.diagnosis_key = diagnoses.diagnosis_key
),

counted as (
    {%- for quantity, bucket in inputs.items() %}
    select
        '{{ quantity }}' as quantity,
        'all' as model_id,
        cast(captured_at as date) as date_day,
        {{ bucket }} as bucket,
        count(*) as row_count
    from captures
    group by 3, 4
    union all
    {%- endfor %}
    {%- for quantity, bucket in outputs.items() %}
    select
        '{{ quantity }}' as quantity,
        model_id,
        date_day,
        {{ bucket }} as bucket,
        cast(sum(row_count) as bigint) as row_count
    from answers
    {%- if quantity == "diagnosis" %}
    where decision <> 'not_assessable'
    {%- endif %}
    group by 2, 3, 4
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from counted
