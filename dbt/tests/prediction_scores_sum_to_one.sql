-- A warning: a fact that was recorded is not mended by refusing to build.
{{ config(severity="warn") }}

with

predictions as (
    select * from {{ ref('fct_predictions') }}
)

select
    prediction_id,
    confidence
from predictions
where
    abs(p_akiec + p_bcc + p_bkl + p_df + p_mel + p_nv + p_vasc - 1) > 1e-3
    or confidence is null
