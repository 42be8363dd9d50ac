-- Else a learning rate would mean another thing with every load.
with

weights as (
    select
        'ml_images' as relation,
        weight
    from {{ ref('ml_images') }}
    {%- for split in var('closed_lists')['splits'] %}
    union all
    select
        'ml_{{ split }}' as relation,
        weight
    from {{ ref('ml_' ~ split) }}
    {%- endfor %}
)

select
    relation,
    avg(weight) as mean_weight
from weights
group by relation
having abs(avg(weight) - 1) > 1e-9 or min(weight) <= 0
