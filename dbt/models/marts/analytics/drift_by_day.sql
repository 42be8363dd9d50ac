{#
    The population stability index of a week against the first four weeks, over buckets

        sum((w - r) * ln(w / r))

    with w the bucket's share in the week and r in the reference: the symmetric Kullback-Leibler
    divergence (Jeffreys, 1946), watched with the limits 0.1 and 0.25 since Siddiqi (Credit Risk
    Scorecards, 2006). Where nothing has changed its mean is (buckets - 1) * (1 / reference + 1 /
    week) (Yurdakul, Western Michigan University, 2018). While that alone comes near the limits there
    are too few cases to tell anything, and nothing is told.
#}
{% set limits = var('drift') %}

with

buckets as (
    select * from {{ ref('drift_by_bucket') }}
),

summed as (
    select
        quantity,
        model_id,
        date_day,
        cast(count(*) as integer) as bucket_count,
        cast(sum(reference_count) as bigint) as reference_count,
        cast(sum(window_count) as bigint) as window_count,
        sum((window_share - reference_share) * ln(window_share / reference_share)) as psi
    from buckets
    group by quantity, model_id, date_day
),

compared as (
    select
        quantity,
        model_id,
        date_day,
        bucket_count,
        reference_count,
        window_count,
        psi,
        (bucket_count - 1) * (
            {{ ratio(1, 'reference_count') }} + {{ ratio(1, 'window_count') }}
        ) as psi_by_chance
    from summed
),

judged as (
    select
        quantity,
        model_id,
        date_day,
        bucket_count,
        reference_count,
        window_count,
        psi_by_chance,
        case when psi_by_chance <= {{ limits['most_psi_by_chance'] }} then psi end as psi,
        case
            when psi_by_chance > {{ limits['most_psi_by_chance'] }} then 'too_few'
            when psi >= {{ limits['large_psi'] }} then 'large'
            when psi >= {{ limits['moderate_psi'] }} then 'moderate'
            else 'small'
        end as drift_level
    from compared
)

select * from judged
