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


{#
    Takes out of an incremental table what has a tombstone by now, or whose parent has one; `keys`
    names the raw table behind each key. Asked of the tombstones, which are few, and not of the
    rows that live, which are all the others.
#}
{% macro forget_dead_rows(keys) %}
    delete from {{ this }}
    where
        {%- for key, table in keys.items() %}
        {% if not loop.first %}or {% endif -%}
        {{ key }} in (
            select {{ key_of_raw(key, table) }}
            from {{ ref("raw_operational__" ~ table) }}
            where deleted_at is not null
        )
        {%- endfor %}
{% endmacro %}
