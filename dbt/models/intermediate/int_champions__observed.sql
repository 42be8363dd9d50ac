{{ config(materialized="view") }}

with

champions as (
    select * from {{ ref('dim_models') }}
    where is_champion
),

builds as (
    select * from {{ ref('fct_warehouse_builds') }}
),

compared as (
    select * from {{ ref('int_reviews__compared') }}
    where not is_shadow
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
        model_key,
        count(*) as reviewed_count,
        avg(confidence) as mean_confidence,
        {{ ratio('count(case when is_agreement then 1 end)', 'count(*)') }} as agreement
    from compared
    group by model_key
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
