{#
    One weight a diagnosis and split: images / (diagnoses * images of the diagnosis), the inverse
    class frequency, of which the mean over all images of a split is 1.0.
#}
{% macro class_weights(images) %}
    select
        split,
        diagnosis_code,
        {{ ratio(
            "sum(count(*)) over (partition by split)",
            "(count(*) over (partition by split) * count(*))",
        ) }} as weight
    from {{ images }}
    group by split, diagnosis_code
{%- endmacro %}
