{#
    Images, lesions and the shares of malignant and of melanoma lesions with their intervals, by one
    attribute of labelled_images. Shares are of lesions: a lesion that was photographed six times is
    one case.
#}
{% macro prevalence_by(attribute) %}
with

images as (
    select * from {{ ref('labelled_images') }}
),

counted as (
    select
        {{ attribute }},
        count(*) as image_count,
        count(distinct lesion_id) as lesion_count,
        count(distinct case when is_malignant then lesion_id end) as malignant_lesion_count,
        count(distinct case when diagnosis_code = 'mel' then lesion_id end)
            as melanoma_lesion_count
    from images
    group by {{ attribute }}
),

shared as (
    select
        {{ attribute }},
        image_count,
        lesion_count,
        malignant_lesion_count,
        {{ ratio('malignant_lesion_count', 'lesion_count') }} as malignant_share,
        {{ wilson_low('malignant_lesion_count', 'lesion_count') }} as malignant_share_low,
        {{ wilson_high('malignant_lesion_count', 'lesion_count') }} as malignant_share_high,
        melanoma_lesion_count,
        {{ ratio('melanoma_lesion_count', 'lesion_count') }} as melanoma_share,
        {{ wilson_low('melanoma_lesion_count', 'lesion_count') }} as melanoma_share_low,
        {{ wilson_high('melanoma_lesion_count', 'lesion_count') }} as melanoma_share_high
    from counted
)

select * from shared
{%- endmacro %}
