-- title: Which model would have missed which reviewed melanoma?
-- Captures of which the latest clinician's review says melanoma and a model's latest answer does
-- not, with the probability that it gave; shadow answers of a challenger are among them.
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
    where role_code = 'clinician'
),

latest_answers as (
    select
        *,
        row_number() over (
            partition by model_key, capture_id
            order by predicted_at desc, prediction_id desc
        ) as recency
    from fct_predictions_live
    where
        decision <> 'not_assessable'
        and capture_id in (select latest_reviews.capture_id from latest_reviews)
)

select
    dim_models.model_id,
    latest_answers.capture_id,
    latest_answers.predicted_at,
    answered.diagnosis_name as answered_diagnosis,
    latest_answers.decision,
    round(latest_answers.p_mel, 3) as melanoma_probability,
    dim_confirmation_methods.confirmation_name as confirmed_by,
    latest_answers.is_shadow
from latest_answers
inner join latest_reviews using (capture_id)
inner join dim_diagnoses as reviewed on latest_reviews.diagnosis_key = reviewed.diagnosis_key
inner join dim_diagnoses as answered on latest_answers.diagnosis_key = answered.diagnosis_key
inner join dim_models using (model_key)
inner join dim_confirmation_methods
    on latest_reviews.confirmation_key = dim_confirmation_methods.confirmation_key
where
    latest_reviews.recency = 1
    and latest_answers.recency = 1
    and reviewed.diagnosis_code = 'mel'
    and answered.diagnosis_code <> 'mel'
order by melanoma_probability, model_id, capture_id
