{#
    Copies one table of the operational store, with the columns and types that the model's YAML
    names. An incremental run takes the rows stamped after the newest one at hand, less an overlap,
    and replaces them by key. (The delete must not be bounded by the watermark as well: the old
    version of a row that has changed stands before it.)

    The raw models run one after another, so each sees its own moment of the store. Children are
    therefore copied before their parents (`depends_on`): whatever parent a copied row names was
    committed before the row was, so it is there when the parent's turn comes.

    `source` is called for the lineage, which begins at the store; the SQL names the table itself.
#}
{% macro copy_from_store(table) %}
    {%- do source("operational", table) -%}
    {%- set columns = model.columns.values() | list -%}
    {%- set names = columns | map(attribute="name") | list -%}
    {%- set watermark = store_watermark(names) -%}
    {%- set rows = select_from_store(table, columns, watermark) -%}
    select
        {%- for column in columns %}
        cast("{{ column.name }}" as {{ column.data_type }}) as "{{ column.name }}"
        {{- "," if not loop.last }}
        {%- endfor %}
    from {{ query_store(rows) }}
{% endmacro %}


{# The stamp after which to copy, as the store writes it; none where everything must be copied. #}
{% macro store_watermark(names) %}
    {% if not (execute and is_incremental()) %}
        {% do return(none) %}
    {% endif %}
    {% set present = adapter.get_columns_in_relation(this) | map(attribute="name") | list %}
    {% if present | sort != names | sort %}
        {# A migration has changed the table: rows already copied lack the new column. #}
        {% do return(none) %}
    {% endif %}
    {% set overlap = var("watermark_overlap_seconds") %}
    {% set newest %}
        select cast(max(updated_at) - interval '{{ overlap }} seconds' as text)
        from {{ this }}
    {% endset %}
    {% do return(run_query(newest).columns[0].values()[0]) %}
{% endmacro %}


{# The select that the store itself runs, in SQL that SQLite and PostgreSQL share. #}
{% macro select_from_store(table, columns, watermark) %}
    {%- set fields = [] -%}
    {%- for column in columns -%}
        {%- do fields.append(store_field(column)) -%}
    {%- endfor -%}
    select {{ fields | join(", ") }} from {{ table }}
    {%- if watermark %} where updated_at > '{{ watermark }}'{% endif -%}
{% endmacro %}


{#
    One column as the store hands it over. `sqlite_query` returns text whatever the column is, and
    SQLite writes a float as text with 15 digits: 17 bring every bit across.
#}
{% macro store_field(column) %}
    {%- if target.name == "sqlite_store" and column.data_type == "double precision" -%}
        case when "{{ column.name }}" is not null then printf('%!.17g', "{{ column.name }}") end
        {{- ' as "' ~ column.name ~ '"' -}}
    {%- else -%}
        "{{ column.name }}"
    {%- endif -%}
{% endmacro %}


{# A query that the store runs by itself, as a relation to select from. #}
{% macro query_store(sql) %}
    {{- adapter.dispatch("query_store", "dermhouse")(sql) -}}
{% endmacro %}


{#
    DuckDB pushes no filter into an attached SQLite table (half a second for a million rows); this
    uses the store's own index (a millisecond).
#}
{% macro duckdb__query_store(sql) %}
    {%- set functions = {"sqlite_store": "sqlite_query", "postgres_store": "postgres_query"} -%}
    {{ functions[target.name] }}('operational', '{{ sql | replace("'", "''") }}')
{%- endmacro %}


{# The store's tables stand beside the warehouse's, where the search path finds them. #}
{% macro postgres__query_store(sql) -%}
    ({{ sql }}) as stored
{%- endmacro %}
