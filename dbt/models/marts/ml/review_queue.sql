{{ config(materialized="view") }}

with

captures as (
    select * from {{ ref('int_captures__identified') }}
),

lesions as (
    select * from {{ ref('int_lesions__labelled') }}
    where diagnosis_code is not null and reviewer_count > 0
),

reviews as (
    select * from {{ ref('stg_operational__reviews') }}
),

predictions as (
    select * from {{ ref('fct_predictions') }}
    where not is_shadow
),

scores as (
    select * from {{ ref('fct_prediction_scores') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

-- A rare class teaches more: its weight in training, against the rarest.
class_weights as (
    select
        diagnosis_code,
        max(weight) as weight
    from {{ ref('ml_train') }}
    group by diagnosis_code
),

rarities as (
    select
        diagnoses.diagnosis_key,
        diagnoses.diagnosis_code,
        coalesce(class_weights.weight / max(class_weights.weight) over (), 1) as rarity
    from diagnoses
    left join class_weights on diagnoses.diagnosis_code = class_weights.diagnosis_code
),

-- Captures of a lesion share its label: once it has one, no other of them is worth a review.
waiting as (
    select captures.*
    from captures
    where
        not captures.is_loaded
        and captures.capture_id not in (select reviews.capture_id from reviews)
        and captures.lesion_id not in (select lesions.lesion_id from lesions)
),

answers as (
    select
        predictions.prediction_id,
        predictions.capture_id,
        predictions.diagnosis_key,
        waiting.localization_code,
        waiting.subject_id,
        row_number() over (
            partition by waiting.lesion_id
            order by predictions.predicted_at desc, predictions.prediction_id desc
        ) as recency
    from predictions
    inner join waiting on predictions.capture_id = waiting.capture_id
),

-- Entropy of the seven probabilities against the largest there can be; and how rare what the model
-- expects to see is.
measured as (
    select
        scores.prediction_id,
        -sum(
            case
                when scores.probability > 0 then scores.probability * ln(scores.probability)
                else 0
            end
        ) / ln(7) as uncertainty,
        sum(scores.probability * rarities.rarity) as rarity
    from scores
    inner join answers on scores.prediction_id = answers.prediction_id and answers.recency = 1
    inner join rarities on scores.diagnosis_key = rarities.diagnosis_key
    group by scores.prediction_id
),

-- The second of a kind (answer, body site and person) says less than the first, and so on.
spread as (
    select
        answers.capture_id,
        answers.diagnosis_key,
        measured.uncertainty,
        measured.rarity,
        row_number() over (
            partition by
                answers.diagnosis_key, answers.localization_code, answers.subject_id
            order by measured.uncertainty + measured.rarity desc, answers.capture_id asc
        ) as place_in_kind
    from answers
    inner join measured on answers.prediction_id = measured.prediction_id
    where answers.recency = 1
),

scored as (
    select
        spread.capture_id,
        rarities.diagnosis_code as answered_diagnosis_code,
        spread.uncertainty,
        spread.rarity,
        1 / sqrt(spread.place_in_kind) as diversity,
        (spread.uncertainty + spread.rarity) / 2 / sqrt(spread.place_in_kind) as score
    from spread
    inner join rarities on spread.diagnosis_key = rarities.diagnosis_key
),

queued as (
    select
        capture_id,
        answered_diagnosis_code,
        uncertainty,
        rarity,
        diversity,
        score,
        row_number() over (order by score desc, capture_id asc) as place
    from scored
)

select * from queued
