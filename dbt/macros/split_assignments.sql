{# Every place that puts an image into a split, for the tests that no two of them disagree. #}
{% macro split_assignments() %}
    select
        image_id,
        lesion_group_id,
        sha256,
        split
    from {{ ref("dim_images") }}
    {%- for split in var("closed_lists")["splits"] %}
    union all
    select
        image_id,
        lesion_group_id,
        sha256,
        '{{ split }}' as split
    from {{ ref("ml_" ~ split) }}
    {%- endfor %}
{%- endmacro %}
