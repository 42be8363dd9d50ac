{#
    Every key is there and names a row. `references` says where: a model, whose column has the same
    name, or model.column. A key named in `optional` may be missing. `changed` is for tables of
    millions: the raw table by which to tell which rows can have changed (`has_changed`).
#}
{% test foreign_keys(model, references, optional=[], changed=none) %}
    with child as {% if not (changed and looks_at_changes()) %}not {% endif %}materialized (
        select {{ references.keys() | join(", ") }}
        from {{ model }}
        {%- if changed %}
        where {{ has_changed(changed) }}
        {%- endif %}
    )
    {%- for column, place in references.items() %}
    {%- set parent, parent_column = (place ~ "." ~ column).split(".")[:2] %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ column }}' as key_column,
        child.{{ column }} as key_value
    from child
    where
        {% if column in optional %}child.{{ column }} is not null and {% endif -%}
        not exists (
            select 1
            from {{ ref(parent) }} as parent
            where parent.{{ parent_column }} = child.{{ column }}
        )
    {%- endfor %}
{% endtest %}
