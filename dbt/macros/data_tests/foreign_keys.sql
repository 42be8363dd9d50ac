{#
    Every key is there and names a row. `references` says where: a model, whose column has the same
    name, or model.column. A key named in `optional` may be missing. `changed` is for tables of
    millions: the keys by which to tell which rows can have changed (`has_changed`).
#}
{% test foreign_keys(model, references, optional=[], changed={}) %}
    {%- for column, place in references.items() %}
    {%- set parent, parent_column = (place ~ "." ~ column).split(".")[:2] %}
    select
        '{{ column }}' as key_column,
        child.{{ column }} as key_value
    from (
        select * from {{ model }}
        {%- if changed %}
        where {{ has_changed(changed) }}
        {%- endif %}
    ) as child
    where
        {% if column in optional %}child.{{ column }} is not null and {% endif -%}
        not exists (
            select 1
            from {{ ref(parent) }} as parent
            where parent.{{ parent_column }} = child.{{ column }}
        )
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endtest %}
