with

sources as (
    select * from {{ ref('sources') }}
),

keyed as (
    select
        {{ surrogate_key('code') }} as source_key,
        code as source_code,
        name as source_name
    from sources
)

select * from keyed
