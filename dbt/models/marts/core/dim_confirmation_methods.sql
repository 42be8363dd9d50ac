with

confirmation_methods as (
    select * from {{ ref('confirmation_methods') }}
),

keyed as (
    select
        {{ surrogate_key('code') }} as confirmation_key,
        code as confirmation_code,
        name as confirmation_name
    from confirmation_methods
)

select * from keyed
