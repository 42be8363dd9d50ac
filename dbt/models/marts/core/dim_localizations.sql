with

localizations as (
    select * from {{ ref('localizations') }}
),

keyed as (
    select
        {{ surrogate_key('code') }} as localization_key,
        code as localization_code,
        name as localization_name
    from localizations
)

select * from keyed
