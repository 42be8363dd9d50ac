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


{#
    Whether a row, or one that it hangs on, has changed since the last build that passed began;
    `keys` as above. What that build has tested, and has not changed since, needs no second look.
    Every row is looked at in a full refresh, and unless `only_changed_rows` is asked for: changed
    models change rows without a stamp.
#}
{% macro has_changed(keys) %}
    {%- set builds = ref("raw_operational__warehouse_build") -%}
    {%- set tables = {} -%}
    {%- for key, table in keys.items() -%}
        {%- do tables.update({key: ref("raw_operational__" ~ table)}) -%}
    {%- endfor -%}
    {%- if flags.FULL_REFRESH or not var("only_changed_rows") -%}
        true
    {%- else -%}
        {%- for key, table in keys.items() %}
        {% if not loop.first %}or {% endif -%}
        {{ key }} in (
            select {{ key_of_raw(key, table) }}
            from {{ tables[key] }}
            where
                updated_at > (
                    select
                        coalesce(
                            max(started_at) - {{ watermark_overlap() }},
                            cast('-infinity' as timestamp)
                        )
                    from {{ builds }}
                    where outcome = 'done'
                )
        )
        {%- endfor %}
    {%- endif -%}
{% endmacro %}


{# The key of a raw table under a later name: a surrogate key is made of the raw table's own. #}
{% macro key_of_raw(key, table) %}
    {{- surrogate_key(table ~ "_id") if key.endswith("_key") else key -}}
{% endmacro %}
