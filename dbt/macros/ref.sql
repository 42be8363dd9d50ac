{#
    Names a relation without its database. A published version is a copy of build.duckdb under
    another name, and DuckDB names a database after its file: a view that said
    "build"."main"."dim_images" would be broken in every copy.
#}
{% macro ref() %}
    {% do return(builtins.ref(*varargs, **kwargs).include(database=false)) %}
{% endmacro %}
