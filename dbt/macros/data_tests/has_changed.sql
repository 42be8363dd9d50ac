{#
    Whether a row that comes from a raw table, or what it hangs on, has changed since the last build
    that passed began. What that build has tested, and has not changed since, needs no second look.
    A row without a key always does, since none of the keys that changed could be its own.
#}
{% macro has_changed(table) %}
    {#- Asked for outside the branch: dbt learns once, as it reads the project, what a test asks. -#}
    {%- set since -%}
        updated_at > (
            select
                coalesce(
                    max(started_at) - {{ watermark_overlap() }}, cast('-infinity' as timestamp)
                )
            from {{ ref("raw_operational__warehouse_build") }}
            where outcome = 'done'
        )
    {%- endset -%}
    {%- set changed = keys_where(table, since) -%}
    {%- if looks_at_changes() -%}
        ({{ table }}_id is null or {{ table }}_id in ({{ changed }}))
    {%- else -%}
        true
    {%- endif -%}
{% endmacro %}


{#
    Whether tests of tables of millions pass over what has not changed. Not in a full refresh, nor
    unless `only_changed_rows` is asked for: changed models change rows without a stamp.
#}
{% macro looks_at_changes() %}
    {%- do return(var("only_changed_rows") and not flags.FULL_REFRESH) -%}
{% endmacro %}
