with

sources as (
    select * from {{ ref('sources') }}
),

-- No load brings it: frames that were kept with consent and reviewed.
sources_and_camera as (
    select
        code,
        name
    from sources
    union all
    select
        'camera' as code,
        'Camera of this installation' as name
),

keyed as (
    select
        {{ surrogate_key('code') }} as source_key,
        code as source_code,
        name as source_name
    from sources_and_camera
)

select * from keyed
