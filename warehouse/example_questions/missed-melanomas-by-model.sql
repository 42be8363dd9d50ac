-- title: Which model would have missed which reviewed melanoma?
-- Every answer other than melanoma to a capture whose latest review says melanoma, with the
-- probability that the model gave it; shadow answers of a challenger are among them.
with latest_reviews as (
    select
        capture_id,
        diagnosis_key,
        confirmation_key,
        row_number() over (
            partition by capture_id
            order by reviewed_at desc, review_id desc
        ) as recency
    from fct_reviews
)

select
    dim_models.model_id,
    fct_predictions_live.capture_id,
    fct_predictions_live.predicted_at,
    answered.diagnosis_name as answered_diagnosis,
    fct_predictions_live.decision,
    round(fct_predictions_live.p_mel, 3) as melanoma_probability,
    dim_confirmation_methods.confirmation_name as confirmed_by,
    fct_predictions_live.is_shadow
from fct_predictions_live
inner join latest_reviews using (capture_id)
inner join dim_diagnoses as reviewed on latest_reviews.diagnosis_key = reviewed.diagnosis_key
inner join dim_diagnoses as answered
    on fct_predictions_live.diagnosis_key = answered.diagnosis_key
inner join dim_models using (model_key)
inner join dim_confirmation_methods
    on latest_reviews.confirmation_key = dim_confirmation_methods.confirmation_key
where
    latest_reviews.recency = 1
    and reviewed.diagnosis_code = 'mel'
    and answered.diagnosis_code <> 'mel'
order by melanoma_probability, model_id, capture_id
