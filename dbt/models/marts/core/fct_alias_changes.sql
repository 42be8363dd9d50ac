with

alias_changes as (
    select * from {{ ref('stg_operational__alias_changes') }}
),

keyed as (
    select
        change_id,
        alias_name,
        {{ surrogate_key('model_id') }} as model_key,
        {{ date_key('changed_at') }} as date_key,
        model_id,
        previous_model_id,
        changed_at,
        changed_by,
        reason
    from alias_changes
)

select * from keyed
