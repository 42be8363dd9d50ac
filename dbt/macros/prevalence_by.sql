{#
    Images, lesions and the shares of malignant and of melanoma lesions, by one attribute.
    Shares are of lesions: a lesion that was photographed six times is one case.
#}
{% macro prevalence_by(attribute, dimension, key) %}
with

facts as (
    select * from {{ ref('fct_diagnoses') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

dimension as (
    select * from {{ ref(dimension) }}
),

counted as (
    select
        dimension.{{ attribute }},
        count(*) as image_count,
        count(distinct facts.lesion_key) as lesion_count,
        count(distinct case when diagnoses.is_malignant then facts.lesion_key end)
            as malignant_lesion_count,
        count(distinct case when diagnoses.diagnosis_code = 'mel' then facts.lesion_key end)
            as melanoma_lesion_count
    from facts
    inner join dimension on facts.{{ key }} = dimension.{{ key }}
    inner join diagnoses on facts.diagnosis_key = diagnoses.diagnosis_key
    group by dimension.{{ attribute }}
),

shared as (
    select
        {{ attribute }},
        image_count,
        lesion_count,
        malignant_lesion_count,
        1e0 * malignant_lesion_count / lesion_count as malignant_share,
        melanoma_lesion_count,
        1e0 * melanoma_lesion_count / lesion_count as melanoma_share
    from counted
)

select * from shared
{%- endmacro %}
