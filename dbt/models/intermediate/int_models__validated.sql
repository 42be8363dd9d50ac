{{ config(materialized="view") }}

with

evaluations as (
    select * from {{ ref('fct_evaluations') }}
),

-- Photographs before drawings, then the data set with the most images. The camera's frames tell
-- how a model fares, not what was promised.
ranked as (
    select
        model_key,
        metric,
        value,
        row_number() over (
            partition by model_key, metric
            order by
                case when dataset_name = 'synthetic' then 1 else 0 end asc,
                image_count desc,
                dataset_name asc
        ) as preference
    from evaluations
    where split = 'validation' and diagnosis_code = 'all' and dataset_name <> 'camera'
),

validated as (
    select
        model_key,
        max(case when metric = 'accuracy' then value end) as validation_accuracy,
        max(case when metric = 'balanced_accuracy' then value end)
            as validation_balanced_accuracy
    from ranked
    where preference = 1
    group by model_key
)

select * from validated
