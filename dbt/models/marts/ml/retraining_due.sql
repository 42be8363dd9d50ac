{{ config(materialized="view") }}

{% set fewest_reviews = 30 %}

with

rules as (
    select * from {{ ref('retraining_rules') }}
),

champions as (
    select * from {{ ref('int_champions__observed') }}
),

labels as (
    select
        image_id,
        max(labelled_at) as labelled_at
    from {{ ref('capture_labels') }}
    where is_learnable
    group by image_id
),

image_files as (
    select * from {{ ref('stg_operational__image_files') }}
),

images as (
    select * from {{ ref('ml_images') }}
),

validated as (
    select * from {{ ref('int_models__validated') }}
),

drift_days as (
    select
        drift.psi,
        row_number() over (order by drift.date_day desc) as recency
    from {{ ref('drift_by_day') }} as drift
    inner join champions on drift.model_id = champions.model_id
    where drift.quantity = 'diagnosis'
),

found as (
    select
        'no_champion' as rule_name,
        cast(case when count(*) = 0 then 1 else 0 end as double precision) as rule_value
    from champions
    union all
    select
        'new_labels' as rule_name,
        cast(count(*) as double precision) as rule_value
    from labels
    inner join champions on labels.labelled_at >= champions.data_from
    union all
    select
        'restored_files' as rule_name,
        cast(count(*) as double precision) as rule_value
    from images
    inner join image_files on images.image_id = image_files.image_id
    inner join champions on image_files.updated_at >= champions.data_from
    union all
    select
        'drift' as rule_name,
        psi as rule_value
    from drift_days
    where recency = 1
    union all
    select
        'agreement_fall' as rule_name,
        validated.validation_accuracy - champions.agreement as rule_value
    from champions
    inner join validated on champions.model_key = validated.model_key
    where champions.reviewed_count >= {{ fewest_reviews }}
    union all
    select
        'calibration_gap' as rule_name,
        abs(mean_confidence - agreement) as rule_value
    from champions
    where reviewed_count >= {{ fewest_reviews }}
    union all
    select
        'age_days' as rule_name,
        -- In UTC, as every moment of the store: the day is the same whatever zone the reader is in.
        cast(
            cast(current_timestamp at time zone 'UTC' as date) - cast(created_at as date)
            as double precision
        ) as rule_value
    from champions
),

strongest as (
    select
        rule_name,
        max(rule_value) as rule_value
    from found
    group by rule_name
),

due as (
    select
        rules.rule_name,
        strongest.rule_value,
        rules.limit_value,
        coalesce(strongest.rule_value >= rules.limit_value, false) as is_fired,
        rules.start_code,
        rules.description
    from rules
    left join strongest on rules.rule_name = strongest.rule_name
)

select * from due
