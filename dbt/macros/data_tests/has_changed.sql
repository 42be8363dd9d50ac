{#
    Whether a row, or one that it hangs on, has changed since the last build that passed began;
    `keys` names the raw table behind each key. What that build has tested, and has not changed
    since, needs no second look. Every row is looked at in a full refresh, and unless
    `only_changed_rows` is asked for: changed models change rows without a stamp.
#}
{% macro has_changed(keys) %}
    {#- Named outside the branches: dbt learns once, as it reads the project, what a test asks. -#}
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
