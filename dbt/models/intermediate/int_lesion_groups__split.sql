with

lesions as (
    select * from {{ ref('int_lesions__grouped') }}
),

hashed as (
    select
        lesion_group_id,
        {{ hash_bucket(var('split_salt'), 'lesion_id') }} as split_bucket,
        {{ hash_bucket(var('balance_salt'), 'lesion_id') }} as balance_bucket
    from lesions
),

-- The largest bucket decides: groups later found to be one can only move away from training.
bucketed as (
    select
        lesion_group_id,
        max(split_bucket) as split_bucket,
        max(balance_bucket) as balance_bucket
    from hashed
    group by lesion_group_id
),

split as (
    select
        lesion_group_id,
        split_bucket,
        balance_bucket,
        case
            when split_bucket < 70 then 'train'
            when split_bucket < 80 then 'tune'
            else 'validation'
        end as split
    from bucketed
)

select * from split
