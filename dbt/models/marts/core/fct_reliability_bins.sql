with

reliability_bins as (
    select * from {{ ref('stg_operational__reliability_bins') }}
),

keyed as (
    select
        {{ surrogate_key('model_id') }} as model_key,
        dataset_name,
        split,
        bin_number,
        confidence_from,
        confidence_below,
        image_count,
        mean_confidence,
        accuracy
    from reliability_bins
)

select * from keyed
