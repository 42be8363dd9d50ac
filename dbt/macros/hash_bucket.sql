{#
    A number from 0 to 99 that depends on the salt and the text alone:
    int(md5(salt + ':' + text).hexdigest()[:8], 16) % 100. Only reading hexadecimal differs
    between engines.
#}
{% macro hash_bucket(salt, text) %}
    {{- adapter.dispatch("hash_bucket", "dermhouse")(salt, text) -}}
{% endmacro %}


{% macro duckdb__hash_bucket(salt, text) %}
    {{- "cast('0x' || substr(md5('" ~ salt ~ ":' || " ~ text ~ "), 1, 8) as bigint) % 100" -}}
{% endmacro %}


{% macro postgres__hash_bucket(salt, text) %}
    {{- "cast(cast('x' || substr(md5('" ~ salt ~ ":' || " ~ text -}}
    {{- "), 1, 8) as bit(32)) as bigint) % 100" -}}
{% endmacro %}
