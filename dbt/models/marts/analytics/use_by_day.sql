with

captures as (
    select * from {{ ref('stg_operational__captures') }}
),

predictions as (
    select * from {{ ref('fct_predictions') }}
),

reviews as (
    select * from {{ ref('fct_reviews') }}
),

reviewed_captures as (
    select distinct capture_id
    from reviews
),

captured as (
    select
        cast(captures.captured_at as date) as date_day,
        count(*) as capture_count,
        count(case when captures.has_consent then 1 end) as consented_count,
        count(captures.uri) as kept_count,
        count(reviewed_captures.capture_id) as reviewed_count
    from captures
    left join reviewed_captures on captures.capture_id = reviewed_captures.capture_id
    group by cast(captures.captured_at as date)
),

answered as (
    select
        cast(predicted_at as date) as date_day,
        count(*) as answer_count,
        count(case when decision = 'likely' then 1 end) as likely_count,
        count(case when decision = 'uncertain' then 1 end) as uncertain_count,
        count(case when decision = 'not_assessable' then 1 end) as not_assessable_count,
        percentile_cont(0.5) within group (order by latency_ms) as latency_p50_ms,
        percentile_cont(0.95) within group (order by latency_ms) as latency_p95_ms,
        percentile_cont(0.99) within group (order by latency_ms) as latency_p99_ms
    from predictions
    where not is_shadow
    group by cast(predicted_at as date)
),

days as (
    select date_day from captured
    union
    select date_day from answered
),

joined_days as (
    select
        days.date_day,
        coalesce(captured.capture_count, 0) as capture_count,
        coalesce(captured.consented_count, 0) as consented_count,
        coalesce(captured.kept_count, 0) as kept_count,
        coalesce(captured.reviewed_count, 0) as reviewed_count,
        coalesce(answered.answer_count, 0) as answer_count,
        coalesce(answered.likely_count, 0) as likely_count,
        coalesce(answered.uncertain_count, 0) as uncertain_count,
        coalesce(answered.not_assessable_count, 0) as not_assessable_count,
        answered.latency_p50_ms,
        answered.latency_p95_ms,
        answered.latency_p99_ms
    from days
    left join captured on days.date_day = captured.date_day
    left join answered on days.date_day = answered.date_day
)

select * from joined_days
