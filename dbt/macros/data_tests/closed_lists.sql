{#
    Every value is a word of its list; `columns` names the list (dbt_project.yml) of each column;
    `changed` as for foreign_keys.
#}
{% test closed_lists(model, columns, changed=none) %}
    {%- for column, list in columns.items() %}
    select
        '{{ column }}' as list_column,
        {{ column }} as word
    from {{ model }}
    where
        (
            {{ column }} is null
            or {{ column }} not in ('{{ var("closed_lists")[list] | join("', '") }}')
        )
        {%- if changed %}
        and {{ has_changed(changed) }}
        {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endtest %}
