{{ config(materialized="view") }}

with

champions as (
    select * from {{ ref('dim_models') }}
    where is_champion
),

builds as (
    select * from {{ ref('fct_warehouse_builds') }}
),

predictions as (
    select * from {{ ref('fct_predictions') }}
    where not is_shadow
),

reviews as (
    select
        capture_id,
        diagnosis_key,
        row_number() over (
            partition by capture_id
            order by reviewed_at desc, review_id desc
        ) as recency
    from {{ ref('fct_reviews') }}
    where role_code = 'clinician'
),

-- What was copied before the build that made the champion's version, the champion has seen.
described as (
    select
        champions.model_id,
        champions.model_key,
        champions.created_at,
        coalesce(min(builds.started_at), champions.created_at) as data_from
    from champions
    left join builds on champions.warehouse_version = builds.version
    group by champions.model_id, champions.model_key, champions.created_at
),

reviewed as (
    select
        predictions.model_key,
        count(*) as reviewed_count,
        avg(predictions.confidence) as mean_confidence,
        {{ ratio(
            'count(case when predictions.diagnosis_key = reviews.diagnosis_key then 1 end)',
            'count(*)',
        ) }} as agreement
    from predictions
    inner join reviews on predictions.capture_id = reviews.capture_id and reviews.recency = 1
    group by predictions.model_key
),

observed as (
    select
        described.model_id,
        described.model_key,
        described.created_at,
        described.data_from,
        coalesce(reviewed.reviewed_count, 0) as reviewed_count,
        reviewed.mean_confidence,
        reviewed.agreement
    from described
    left join reviewed on described.model_key = reviewed.model_key
)

select * from observed
