with

bins as (
    select * from {{ ref('fct_reliability_bins') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

named as (
    select
        models.model_id,
        models.backbone,
        models.is_champion,
        models.is_synthetic,
        bins.dataset_name,
        bins.split,
        bins.bin_number,
        bins.confidence_from,
        bins.confidence_below,
        bins.image_count,
        bins.mean_confidence,
        bins.accuracy,
        bins.mean_confidence - bins.accuracy as calibration_gap
    from bins
    inner join models on bins.model_key = models.model_key
)

select * from named
