{#
    The rows of a raw table that are not deleted, and whose parents are not either. A tombstone
    stays in raw; everything after it forgets the row and what hangs on it.
#}
{% macro live_rows(table, parents={}) %}
    select child.*
    from {{ ref("raw_operational__" ~ table) }} as child
    where
        child.deleted_at is null
        {%- for key, parent in parents.items() %}
        and not exists (
            select 1
            from {{ ref("raw_operational__" ~ parent) }} as parent
            where parent.deleted_at is not null and parent.{{ key }} = child.{{ key }}
        )
        {%- endfor %}
{% endmacro %}
