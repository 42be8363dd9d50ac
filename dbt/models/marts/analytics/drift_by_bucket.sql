{% set reference_days = var('drift')['reference_days'] %}
{% set window_days = var('drift')['window_days'] %}

with

mixes as (
    select * from {{ ref('mix_by_day') }}
),

spans as (
    select
        quantity,
        model_id,
        cast(min(date_day) + interval '{{ reference_days }} days' as date) as watched_from_day
    from mixes
    group by quantity, model_id
),

watched_days as (
    select distinct
        mixes.quantity,
        mixes.model_id,
        mixes.date_day,
        spans.watched_from_day,
        cast(mixes.date_day - interval '{{ window_days - 1 }} days' as date) as window_from_day
    from mixes
    inner join spans
        on mixes.quantity = spans.quantity and mixes.model_id = spans.model_id
    where mixes.date_day >= spans.watched_from_day
),

-- The reference comes to an end before the first window begins: no case is on both sides.
counted as (
    select
        watched_days.quantity,
        watched_days.model_id,
        watched_days.date_day,
        mixes.bucket,
        sum(case when mixes.date_day < watched_days.watched_from_day then mixes.row_count end)
            as reference_count,
        sum(case when mixes.date_day >= watched_days.watched_from_day then mixes.row_count end)
            as window_count
    from watched_days
    inner join mixes
        on
            watched_days.quantity = mixes.quantity
            and watched_days.model_id = mixes.model_id
            and watched_days.date_day >= mixes.date_day
            and (
                watched_days.watched_from_day > mixes.date_day
                or watched_days.window_from_day <= mixes.date_day
            )
    group by
        watched_days.quantity, watched_days.model_id, watched_days.date_day, mixes.bucket
),

filled as (
    select
        quantity,
        model_id,
        date_day,
        bucket,
        cast(coalesce(reference_count, 0) as bigint) as reference_count,
        cast(coalesce(window_count, 0) as bigint) as window_count
    from counted
),

-- Half a case more in each bucket, so that an empty one has a logarithm.
shared as (
    select
        quantity,
        model_id,
        date_day,
        bucket,
        reference_count,
        window_count,
        {{ ratio(
            'reference_count + 0.5',
            'sum(reference_count + 0.5) over (partition by quantity, model_id, date_day)',
        ) }} as reference_share,
        {{ ratio(
            'window_count + 0.5',
            'sum(window_count + 0.5) over (partition by quantity, model_id, date_day)',
        ) }} as window_share
    from filled
)

select * from shared
