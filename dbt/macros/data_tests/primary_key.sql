{# Every row has a key, and no two rows have the same; `changed` as for foreign_keys. #}
{% test primary_key(model, columns, changed=none) %}
    select
        {{ columns | join(", ") }},
        count(*) as row_count
    from {{ model }}
    {%- if changed %}
    where {{ has_changed(changed) }}
    {%- endif %}
    group by {{ columns | join(", ") }}
    having
        count(*) > 1
        {%- for column in columns %}
        or {{ column }} is null
        {%- endfor %}
{% endtest %}
